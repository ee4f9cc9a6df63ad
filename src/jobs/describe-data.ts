import { describeFile, findRecordFiles, type FileDescription } from '../data/files';
import { silentProgress } from '../sdk/logger';
import { givenPath, type FolderInput, type Reporting } from './input';

export interface DescribeDataInput extends FolderInput, Pick<Reporting, 'progress'> {
  /** A file of records, or a folder of such files. */
  readonly path: string;
  /** Verify the checksum of every record, too. */
  readonly check?: boolean | undefined;
  /** Called with each file when it is read. */
  readonly onFile?: ((description: FileDescription) => void) | undefined;
}

export async function describeData(input: DescribeDataInput): Promise<FileDescription[]> {
  const { check = false, onFile, progress = silentProgress } = input;
  const descriptions: FileDescription[] = [];
  for (const file of await findRecordFiles(givenPath(input, input.path))) {
    const description = await describeFile(file, check, progress);
    descriptions.push(description);
    onFile?.(description);
  }
  return descriptions;
}
