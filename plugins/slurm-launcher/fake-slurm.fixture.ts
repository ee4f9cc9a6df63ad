/** Puts the stand-ins for SLURM's programs on PATH. */
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program } from './commands';

const PROGRAMS: readonly Program[] = ['sbatch', 'squeue', 'scancel', 'scontrol', 'sacct'];
/** What the batch script uses; it need not wait. */
const TOOLS = { cat: 'cat', date: 'date', hostname: 'hostname', mkdir: 'mkdir', mv: 'mv', rm: 'rm', sleep: 'true' };

export interface FakeSlurm {
  /** What a program answers instead of doing anything; undefined: it works again. */
  answer(
    program: Program,
    answer: { code?: number; stdout?: string; stderr?: string; hang?: boolean } | undefined,
  ): void;
  /** Takes a program away. */
  remove(program: Program): void;
  /** Command lines so far, each a list of words. */
  calls(program?: Program): string[][];
  restore(): void;
}

export function installFakeSlurm(): FakeSlurm {
  const folder = mkdtempSync(join(tmpdir(), 'fake-slurm-'));
  const bin = join(folder, 'bin');
  for (const path of [bin, join(folder, 'entries'), join(folder, 'claims')]) mkdirSync(path);
  for (const program of [...PROGRAMS, 'scheduler']) {
    copyFileSync(join(__dirname, 'fake-slurm-programs.mjs'), join(bin, program));
    chmodSync(join(bin, program), 0o755);
  }
  // without an ending Node takes a program for CommonJS, unless a package says otherwise
  writeFileSync(join(bin, 'package.json'), '{"type":"module"}');
  const before = { PATH: process.env.PATH, FAKE_SLURM: process.env.FAKE_SLURM };
  // nothing else is on PATH: where SLURM is installed, what is taken away would be found there
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const [name, tool] of Object.entries(TOOLS)) {
    const place = ['/bin', '/usr/bin'].map((where) => join(where, tool)).find((path) => existsSync(path));
    if (place !== undefined) symlinkSync(place, join(bin, name));
  }
  process.env.PATH = bin;
  process.env.FAKE_SLURM = folder;
  return {
    answer(program, answer) {
      if (answer === undefined) rmSync(join(folder, `${program}.json`), { force: true });
      else writeFileSync(join(folder, `${program}.json`), JSON.stringify(answer));
    },
    remove: (program) => rmSync(join(bin, program)),
    calls(program) {
      const file = join(folder, 'calls.jsonl');
      const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      const lines = text.split('\n').slice(0, -1);
      return lines
        .map((line) => JSON.parse(line) as string[])
        .filter(([name]) => program === undefined || name === program);
    },
    restore() {
      process.env.PATH = before.PATH;
      if (before.FAKE_SLURM === undefined) delete process.env.FAKE_SLURM;
      else process.env.FAKE_SLURM = before.FAKE_SLURM;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
