/** Where the published multi-object data sets are, in DeepMind's bucket and under a data root. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors';

export const MULTI_OBJECT_BUCKET = 'gs://multi-object-datasets';

/** Files of a published data set: a folder under the data root, as in the bucket, and names in it. */
export interface PublishedFiles {
  /** Expanded: see `expandHome`. */
  readonly root: string;
  readonly folder: string;
  readonly files: readonly string[];
}

/** The command that fetches published files into a data root. */
export function downloadCommand({ root, folder, files }: PublishedFiles): string {
  const target = join(root, folder);
  const sources = files.map((file) => `${MULTI_OBJECT_BUCKET}/${folder}/${file}`);
  return `mkdir -p ${target} && gsutil cp ${sources.join(' ')} ${target}/`;
}

/**
 * @param who the data set, for the message
 * @throws UsageError that names the files that are not there, and the command that gets them
 */
export function requirePublishedFiles(who: string, { root, folder, files }: PublishedFiles): void {
  const missing = files.filter((file) => !existsSync(join(root, folder, file)));
  if (missing.length === 0) return;
  throw new UsageError(
    `The data set ${who} is not there; missing: ${missing.map((file) => join(root, folder, file)).join(', ')}.`,
    `It is published in ${MULTI_OBJECT_BUCKET}/${folder}.`,
    [downloadCommand({ root, folder, files: missing }), `data.root=DIR if DIR/${folder} has the files`],
  );
}
