/** `jobs/NNN.json`: what became of a job. Written by its own process, and by who started that, when it is gone. */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { readRunFile } from '../run';
import { jobFiles } from './sweep-folder';

/**
 * `waiting`: not started, or in a queue. `stopped`: it was asked to, or killed, and can go on. `failed`: it ended with an error, and can be
 * tried again.
 */
export const JOB_STATES = ['waiting', 'running', 'finished', 'stopped', 'failed'] as const;
export type JobState = (typeof JOB_STATES)[number];

const progressSchema = z.object({
  /** Epochs done, with a fraction for the one that is trained. */
  epochs: z.number().nonnegative(),
  of: z.int().positive(),
  /** The losses as they are now, for people: `l_global 4.85`. */
  losses: z.string(),
  /** Until the last epoch is done; null: cannot be told yet. */
  secondsLeft: z.number().nonnegative().nullable(),
});

/** How far a job is. */
export type JobProgress = z.infer<typeof progressSchema>;

const recordSchema = z.object({
  state: z.enum(JOB_STATES),
  /** How often a process was started for it. */
  attempts: z.int().nonnegative(),
  /** ISO 8601, of the last attempt. */
  started: z.string().nullable().default(null),
  ended: z.string().nullable().default(null),
  host: z.string().nullable().default(null),
  pid: z.int().positive().nullable().default(null),
  /** Why it failed or stopped, for people. */
  reason: z.string().nullable().default(null),
  progress: progressSchema.nullable().default(null),
});

export type JobRecord = z.infer<typeof recordSchema>;

export const NEW_RECORD: JobRecord = {
  ...{ state: 'waiting', attempts: 0, started: null, ended: null, host: null, pid: null, reason: null, progress: null },
};

/** @throws UsageError where the file is damaged */
export function readJobRecord(sweep: string, number: number): JobRecord {
  const { record } = jobFiles(sweep, number);
  return existsSync(record) ? readRunFile(record, JSON.parse, recordSchema) : NEW_RECORD;
}

/** Whole or not at all; not synced to disk: what a run did says the run. */
export function writeJobRecord(sweep: string, number: number, content: JobRecord): void {
  const { record } = jobFiles(sweep, number);
  const beside = `${record}.${process.pid}.new`;
  writeFileSync(beside, JSON.stringify(content));
  renameSync(beside, record);
}
