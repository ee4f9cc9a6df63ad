/** `environment.json`: what one needs to know to run this again elsewhere. */
import { existsSync } from 'node:fs';
import { cpus, hostname, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { EngineInfo } from '../engine';
import { writeFileAtomically } from '../sdk/data';
import { ownPackage } from '../util/own-package';
import { gitState, type GitState } from './git-state';
import { ENVIRONMENT_FILE } from './directory';
import { listOf, mapOf } from '../util/zod-problems';
import { readRunFile } from './read-run-file';

/** What earlier sessions wrote is kept as it is. */
const savedSchema = z.looseObject({ sessions: z.array(z.unknown()) });

const gitSchema = z.object({ commit: z.string(), dirty: z.boolean() }).nullable().default(null);

/** What is read of a session; runs of earlier versions of osc lack some of it. */
const sessionSchema = z.object({
  /** ISO 8601. */
  started: z.string(),
  /** Of Node, osc and TensorFlow.js. */
  versions: mapOf(z.string()),
  engine: z.object({ name: z.string(), threads: z.int().positive(), device: z.string() }),
  /** Third-party packages. */
  plugins: listOf(z.object({ name: z.string(), version: z.string() })),
  /** Arguments behind `osc`. */
  command: listOf(z.string()),
  initFrom: z
    .object({ checkpoint: z.string(), sha256: z.string(), step: z.int().nonnegative() })
    .nullable()
    .default(null),
  /** Of the working directory. */
  git: gitSchema,
  /** Of osc itself, where it runs from a checkout. */
  oscGit: gitSchema,
  machine: z.object({ platform: z.string(), cpu: z.string(), cores: z.int(), memoryBytes: z.number() }),
  /** How it ended; null: it was killed, it failed, or it goes on. */
  ended: z
    .object({ status: z.enum(['finished', 'stopped']), seconds: z.number().nonnegative() })
    .nullable()
    .default(null),
});

/** One process that worked on a run. */
export type RunSession = z.infer<typeof sessionSchema>;

const environmentSchema = z.object({
  sessions: listOf(sessionSchema).refine(
    (sessions): sessions is [RunSession, ...RunSession[]] => sessions.length > 0,
    'should have at least one session',
  ),
});

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

/** Null where osc is a package among others. */
function oscGitState(): GitState | null {
  const root = dirname(ownPackage().file);
  return existsSync(join(root, '.git')) ? gitState(root) : null;
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
    oscGit: oscGitState(),
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
  await writeSessions(path, [...earlier, session]);
}

/** Notes how the last session ended. @throws UsageError for a damaged file */
export async function endSession(runDir: string, ended: NonNullable<RunSession['ended']>): Promise<void> {
  const path = join(runDir, ENVIRONMENT_FILE);
  const { sessions } = readRunFile(path, JSON.parse, savedSchema);
  const last = sessions.at(-1);
  await writeSessions(path, [...sessions.slice(0, -1), { ...(last as object), ended }]);
}

/** All sessions of a run, the first one first; at least one. @throws UsageError for a file that is damaged or not there */
export function readEnvironment(runDir: string): readonly [RunSession, ...RunSession[]] {
  const path = join(runDir, ENVIRONMENT_FILE);
  return readRunFile(path, JSON.parse, environmentSchema).sessions;
}

async function writeSessions(path: string, sessions: readonly unknown[]): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify({ sessions }, null, 2)}\n`);
}
