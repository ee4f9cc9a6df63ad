import { UsageError } from '../sdk';
import { fileInTheWay, kindOf } from '../util/file-in-the-way';

/**
 * Found before work starts: a place where no file can be written.
 *
 * @param flag that named it
 * @throws UsageError for a folder, and for a place in what is no folder
 */
export function checkOutputFile(path: string, flag: string): void {
  if (kindOf(path) === 'folder') throw new UsageError(`${path} is a folder; ${flag} names a file.`);
  const file = fileInTheWay(path);
  if (file !== undefined) throw new UsageError(`${file} is no folder.`, `${flag} names ${path}.`);
}
