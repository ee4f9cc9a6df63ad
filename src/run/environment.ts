/** `environment.json`: what one needs to know to run this again elsewhere. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { EngineInfo } from '../engine';
import { writeFileAtomically } from '../sdk/data';
import { ENVIRONMENT_FILE } from './directory';
import { readRunFile } from './read-run-file';

/** What earlier sessions wrote is kept as it is. */
const savedSchema = z.looseObject({ sessions: z.array(z.unknown()) });

/** What the caller knows of it. */
export interface RunEnvironment {
  readonly versions: Readonly<Record<string, string>>;
  readonly engine: EngineInfo;
  readonly seeds: Readonly<Record<string, number>>;
  readonly plugins: readonly { readonly name: string; readonly version: string }[];
  readonly command: readonly string[];
  /** Where the weights of a new run come from; null: from its seed. */
  readonly initFrom: { readonly checkpoint: string; readonly sha256: string; readonly step: number } | null;
}

function git(cwd: string, ...args: string[]): string | null {
  try {
    return execFileSync('git', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null; // no git, or not in a repository
  }
}

/** Null outside a repository. */
function gitState(cwd: string): { commit: string; dirty: boolean } | null {
  const commit = git(cwd, 'rev-parse', 'HEAD');
  return commit === null ? null : { commit, dirty: git(cwd, 'status', '--porcelain') !== '' };
}

function slurmVariables(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[0].startsWith('SLURM_')),
  );
}

/** Writes the file; a resumed run appends a session, so that it shows on which machines a run was trained. @throws UsageError for a damaged one */
export async function writeEnvironment(runDir: string, cwd: string, environment: RunEnvironment): Promise<void> {
  const path = join(runDir, ENVIRONMENT_FILE);
  const session = {
    started: new Date().toISOString(),
    ...environment,
    versions: { node: process.version, ...environment.versions },
    git: gitState(cwd),
    machine: {
      hostname: hostname(),
      platform: `${process.platform}-${process.arch}`,
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
    },
    slurm: slurmVariables(),
    pid: process.pid,
  };
  const earlier = existsSync(path) ? readRunFile(path, JSON.parse, savedSchema).sessions : [];
  await writeFileAtomically(path, `${JSON.stringify({ sessions: [...earlier, session] }, null, 2)}\n`);
}
