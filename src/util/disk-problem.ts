const SENTENCES: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full.',
  EDQUOT: 'The disk quota is used up.',
  EFBIG: 'The file would be larger than the file size limit.',
  EROFS: 'The file system is read-only.',
  EIO: 'The disk reported an input/output error.',
  EACCES: 'Permission was denied.',
  EPERM: 'The operation is not permitted.',
  ENOTDIR: 'A part of the path is not a folder.',
  ENAMETOOLONG: 'The name is too long.',
};

/** What a failed write says of the disk, in a sentence; undefined for any other error. */
export function diskProblem(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === undefined ? undefined : SENTENCES[code];
}
