/** tfjs-node's own binary: its install script downloads it, and libtensorflow. */
import { RunError } from '../../../sdk/errors';
import { addonOf, packageFolder } from '../find';
import { installCommand, packageOf } from '../variant';
import type { InstallContext } from './context';
import { bytesIn, MEGABYTE, watch } from './measure';
import { lastLines } from '../process';
import { wheelFor } from './wheels';

/** @throws RunError that offers the other way, where there is one */
export async function installOwnBinary({ variant, folder, tools, run, progress }: InstallContext): Promise<void> {
  const target = packageFolder(folder, variant);
  const before = bytesIn(target);
  const task = {
    label: `Binary of ${packageOf(variant)}`,
    total: 1,
    unit: 'download',
    measure: () => 0, // nothing says how large it is
    note: () => `${Math.round((bytesIn(target) - before) / MEGABYTE)} MB`,
  };
  const result = await watch(progress, task, () =>
    run(tools.npm, ['rebuild', packageOf(variant), '--foreground-scripts', '--ignore-scripts=false'], { cwd: folder }),
  );
  // its script may fail and end well
  if (result.code === 0 && addonOf(target) !== null) return;
  throw new RunError(
    `The binary of ${packageOf(variant)} could not be downloaded.`,
    firstError(result.output) ?? lastLines(result),
    [
      ...(wheelFor(variant) === null ? [] : [installCommand(variant, ' --from-wheel')]),
      'TFJS_NODE_CDN_STORAGE=URL in the environment, where there is a mirror',
    ],
  );
}

/** The line that tells the cause, which npm's own words come after. */
function firstError(output: string): string | null {
  const [line] = /^\s*(?:[A-Z]\w*)?Error: .*$/m.exec(output) ?? [];
  return line === undefined ? null : `Its install script ended with: ${line.trim()}`;
}
