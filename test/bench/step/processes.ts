/** Each measurement in a process of its own, one at a time. */
import { fork, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RunError, UsageError } from 'osc-trainer/sdk';
import type { Measurement } from './measure';
import type { Settings } from './options';
import type { Timing } from './statistics';

/** First argument of a child that measures; its settings follow as JSON. */
export const MEASURE = 'measure';

/** What a child that measures sends: what it found, or an error for people, which the parent tells. */
export type ChildMessage = { readonly measured: Measurement } | { readonly refused: Refusal };

interface Refusal {
  readonly what: string;
  readonly why: string | undefined;
  readonly hints: readonly string[];
}

/** Our step. What the child prints goes to stderr. @throws UsageError of the child */
export function measureInChild(settings: Settings): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    let sent: ChildMessage | undefined;
    const child = fork(process.argv[1]!, [MEASURE, JSON.stringify(settings)], {
      stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
    });
    child.on('message', (message) => (sent = message as ChildMessage));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (sent !== undefined && 'refused' in sent) {
        reject(new UsageError(sent.refused.what, sent.refused.why, sent.refused.hints));
      } else if (sent !== undefined && code === 0) resolve(sent.measured);
      else reject(new RunError(`The process that measured osc ended with ${signal ?? `code ${code}`}.`));
    });
  });
}

const PEER_SCRIPT = join(__dirname, '../../../../shared/peers/torch_step.py');

const PEER_MODULES = 'numpy, scipy, torch';

/** @throws UsageError where the script (it comes beside the checkout), the interpreter or what it imports is not there */
export async function checkPeer(python: string): Promise<void> {
  if (!existsSync(PEER_SCRIPT)) throw new UsageError(`The peer's script is not there: ${PEER_SCRIPT}.`);
  try {
    await outputOf(python, ['-c', `import ${PEER_MODULES}`]);
  } catch (error) {
    throw error instanceof UsageError
      ? error
      : new UsageError(`${python} cannot import ${PEER_MODULES}.`, 'What it said is above.', [
          `${python} -m pip install torch==2.13.0 numpy scipy`,
        ]);
  }
}

/** The peer's step, by its own script. */
export async function measurePeer(python: string, settings: Settings): Promise<Timing> {
  const { images, threads, steps, queries, forward } = settings;
  const numbers = Object.entries({ images, threads, steps, queries }).flatMap(([key, value]) => [
    `--${key}`,
    `${value}`,
  ]);
  const stdout = await outputOf(python, [PEER_SCRIPT, ...numbers, ...(forward ? ['--forward'] : [])]);
  return parsePeer(stdout);
}

/** @param stdout ends with one line of JSON */
export function parsePeer(stdout: string): Timing {
  const line = stdout.trim().split('\n').at(-1)!;
  try {
    const { step_s: stepSeconds, peak_rss_mb: peakRssMb } = JSON.parse(line) as {
      step_s: number[];
      peak_rss_mb: number;
    };
    if (stepSeconds.length > 0 && Number.isFinite(peakRssMb)) return { stepSeconds, peakRssMb };
  } catch {
    // told below
  }
  throw new RunError(`The peer printed no times, but: ${line.slice(0, 200)}`);
}

function outputOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', process.stderr] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.on('error', (error) => {
      reject(new UsageError(`${program} cannot be run: ${error.message}.`, undefined, ['--peer PATH_OF_A_PYTHON']));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else reject(new RunError(`The peer ended with ${signal ?? `code ${code}`}.`));
    });
  });
}
