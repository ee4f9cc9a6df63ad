/** osc as others get it: the packed files, unpacked into another folder. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

export interface Installation {
  /** A project that has osc in its `node_modules`. */
  readonly dir: string;
  /** `node_modules/osc-trainer` in it. */
  readonly osc: string;
  /** The program. */
  readonly bin: string;
}

/** Packs what is built; the dependencies are those of this checkout. No install script is run: there is no addon. */
export function installPacked(): Installation {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'osc-installed-')));
  const flags = ['--ignore-scripts', '--json', '--pack-destination', dir];
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', ...flags], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
  ) as { filename: string }[];
  const osc = join(dir, 'node_modules/osc-trainer');
  mkdirSync(osc, { recursive: true });
  execFileSync('tar', ['-xzf', join(dir, packed!.filename), '--strip-components=1', '-C', osc]);
  symlinkSync(join(ROOT, 'node_modules'), join(osc, 'node_modules'));
  return { dir, osc, bin: join(osc, 'src/cli/launch.mjs') };
}
