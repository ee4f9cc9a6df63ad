import { statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The file that stands where a folder above `path` would have to be; undefined where there is none. */
export function fileInTheWay(path: string): string | undefined {
  let folder = dirname(path);
  while (kindOf(folder) === 'nothing' && dirname(folder) !== folder) folder = dirname(folder);
  return kindOf(folder) === 'file' ? folder : undefined;
}

/** `nothing` is also said of what cannot be seen: it is told of when it is written. */
export function kindOf(path: string): 'folder' | 'file' | 'nothing' {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'nothing';
  }
}
