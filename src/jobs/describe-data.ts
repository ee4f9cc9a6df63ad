import { recordLayouts } from '../data';
import { describeFile, findRecordFiles, type FileDescription } from '../data/files';
import { silentProgress } from '../sdk/logger';
import { givenPath, type Reporting } from './input';
import { openRegistry, type RegistryInput } from './open-registry';

export interface DescribeDataInput extends RegistryInput, Pick<Reporting, 'progress'> {
  /** A file of records, or a folder of such files. */
  readonly path: string;
  /** Verify the checksum of every record, too. */
  readonly check?: boolean | undefined;
  /** Called with each file when it is read. */
  readonly onFile?: ((description: FileDescription) => void) | undefined;
}

export async function describeData(input: DescribeDataInput): Promise<FileDescription[]> {
  const { check = false, onFile, progress = silentProgress } = input;
  const files = await findRecordFiles(givenPath(input, input.path));
  const layouts = await recordLayouts(await openRegistry(input));
  const descriptions: FileDescription[] = [];
  for (const file of files) {
    const description = await describeFile(file, { layouts, check }, progress);
    descriptions.push(description);
    onFile?.(description);
  }
  return descriptions;
}
