/** Downloads a wheel by pip, which knows the user's mirrors and proxies, and checks it. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { RunError } from '../../../sdk/errors';
import type { InstallContext } from './context';
import { bytesIn, MEGABYTE, watch } from './measure';
import { lastLines } from '../process';
import type { Wheel } from './wheels';

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Where the wheel lies when it is whole and checked. */
export function wheelPath(folder: string, { file }: Wheel): string {
  return join(folder, 'wheel', file);
}

/** @throws RunError with pip's words, or where the checksum is another */
export async function downloadWheel({ folder, tools, run, progress }: InstallContext, wheel: Wheel): Promise<void> {
  const download = join(folder, 'download');
  rmSync(download, { recursive: true, force: true });
  mkdirSync(download);
  const task = {
    label: `${wheel.project} ${wheel.version}`,
    total: wheel.bytes / MEGABYTE,
    unit: 'MB',
    measure: () => bytesIn(download) / MEGABYTE,
  };
  const result = await watch(progress, task, () =>
    run(
      tools.python,
      [
        ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--disable-pip-version-check'],
        ...['--platform', wheel.platform, '--python-version', wheel.python, '--dest', download],
        `${wheel.project}==${wheel.version}`,
      ],
      // pip writes to a temporary file first: where the progress sees it, and on the disk that has the room
      { env: { TMPDIR: download } },
    ),
  );
  const file = join(download, wheel.file);
  if (result.code !== 0 || !existsSync(file)) {
    throw new RunError(`pip could not download the wheel ${wheel.file}.`, lastLines(result), [
      'run the command again when the package index can be reached',
      'PIP_INDEX_URL=URL in the environment, where there is a mirror of PyPI',
    ]);
  }
  const sha256 = await sha256Of(file);
  if (sha256 !== wheel.sha256) {
    rmSync(download, { recursive: true });
    throw new RunError(
      `The wheel ${wheel.file} is not the one that was published.`,
      `Its SHA-256 is ${sha256} and should be ${wheel.sha256}. It was deleted.`,
      ['run the command again', 'look at the package index that pip uses: pip config list'],
    );
  }
  mkdirSync(join(folder, 'wheel'), { recursive: true });
  renameSync(file, wheelPath(folder, wheel));
  rmSync(download, { recursive: true });
}
