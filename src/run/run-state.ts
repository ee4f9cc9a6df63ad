/** How a run is doing, told from its small files. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readEnds } from '../util/file-ends';
import type { TrainState } from './checkpoint-state';
import type { RunSession } from './environment';
import { isTraining } from './lock';
import { JSON_LOG_FILE } from './log';

/**
 * `running`: a process trains it now. `finished`: all epochs are done, or a callback ended it. `stopped`: it was asked to, or its
 * `training.num_epochs` was raised since. `failed`: an error ended it. `killed`: it ended without a word.
 */
export type RunState = 'running' | 'finished' | 'stopped' | 'failed' | 'killed';

export interface RunHealth {
  readonly state: RunState;
  /** What a failed run ended with; null of others. */
  readonly problem: string | null;
}

export interface HealthInput {
  readonly run: string;
  readonly sessions: readonly RunSession[];
  /** State of the newest one; null: there is none. */
  readonly checkpoint: TrainState | null;
  /** As the config says. */
  readonly numEpochs: number;
  /** The caller holds the run's lock: nobody trains it. */
  readonly lockedByUs: boolean;
}

export function healthOf({ run, sessions, checkpoint, numEpochs, lockedByUs }: HealthInput): RunHealth {
  if (!lockedByUs && isTraining(run)) return { state: 'running', problem: null };
  if (checkpoint !== null && isFinished(checkpoint, numEpochs)) return { state: 'finished', problem: null };
  if (sessions.at(-1)?.ended != null) return { state: 'stopped', problem: null };
  const problem = lastError(run);
  return problem === null ? { state: 'killed', problem } : { state: 'failed', problem };
}

/** Tests and figures of the last epoch may still be due. */
function isFinished({ position, stopReason, pendingEpochEnd }: TrainState, numEpochs: number): boolean {
  if (pendingEpochEnd !== null || position.batch !== 0) return false;
  return stopReason !== null || position.epoch >= numEpochs;
}

const logLineSchema = z.object({ level: z.string(), message: z.string() });

/** Bytes: an error may have a stack. */
const LOG_END = 2 ** 14;

/** The error that the log ends with. A log that cannot be read says nothing. */
function lastError(run: string): string | null {
  const file = join(run, JSON_LOG_FILE);
  if (!existsSync(file)) return null;
  try {
    const { head, tail } = readEnds(file, LOG_END);
    const line = tail.at(-1) ?? head.at(-1);
    const entry = line === undefined ? undefined : logLineSchema.safeParse(JSON.parse(line)).data;
    return entry?.level === 'error' ? entry.message : null;
  } catch {
    return null;
  }
}
