/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import { UsageError } from 'osc-trainer/sdk';
import { AUTO, chooseEngine, defaultThreads } from '../../../src/engine';

export const QUERIES = ['learned', 'sample', 'kmeans_euclidean'] as const;
export type Queries = (typeof QUERIES)[number];

/** What one child process measures. */
export interface Settings {
  /** B; a step takes 2B crops. */
  readonly images: number;
  readonly threads: number;
  readonly queries: Queries;
  readonly engine: string;
  /** Timed steps; those of {@link WARM_UP_STEPS} come before. */
  readonly steps: number;
  /** The evaluation forward pass only, without gradient. */
  readonly forward: boolean;
  readonly profile: boolean;
}

export interface BenchOptions extends Settings {
  readonly json: boolean;
  /** A Python with PyTorch. */
  readonly peer: string | null;
  /** How often each of the two is measured, in turn. */
  readonly rounds: number;
}

/** Run before the timed ones and dropped, as the peer does. */
export const WARM_UP_STEPS = 2;

export const USAGE = `Usage: npm run bench -- [OPTIONS]

Times the trainer's own step, with the default model, on fixed random input.

  --images N       images a step (32); each gives two crops of 128x128
  --threads N      threads of the engine and of the peer (one a core)
  --queries NAME   ${QUERIES.join(', ')} (learned)
  --engine NAME    as engine.name of osc train (auto)
  --steps N        timed steps (8), after ${WARM_UP_STEPS} of warm-up
  --forward        the evaluation forward pass only, without gradient
  --peer PYTHON    also time the PyTorch peer with this interpreter, in turn, and print the ratio
  --rounds N       how often each is measured, each time in a process of its own (1; 3 with --peer)
  --profile        print the share of each kernel
  --json           print one JSON document (with npm run --silent bench)`;

const HELP = 'npm run bench -- --help';

function whole(flag: string, text: string, least = 1): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`--${flag} should be a whole number from ${least} on, not "${text}".`, undefined, [HELP]);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        images: { type: 'string', default: '32' },
        threads: { type: 'string', default: String(defaultThreads()) },
        queries: { type: 'string', default: 'learned' },
        engine: { type: 'string', default: AUTO },
        steps: { type: 'string', default: '8' },
        forward: { type: 'boolean', default: false },
        peer: { type: 'string' },
        rounds: { type: 'string' },
        profile: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    // parseArgs says more than one sentence
    throw new UsageError((error as Error).message.split('. ')[0]!.replace(/\.?$/, '.'), undefined, [HELP]);
  }
}

/**
 * @returns null where help is asked for
 * @throws UsageError
 */
export function parseOptions(args: readonly string[]): BenchOptions | null {
  const values = parse(args);
  if (values.help) return null;
  const queries = QUERIES.find((name) => name === values.queries);
  if (queries === undefined) {
    throw new UsageError(`--queries should be one of ${QUERIES.join(', ')}, not "${values.queries}".`);
  }
  const { engine, forward, profile, json, peer = null } = values;
  chooseEngine(engine); // throws for an unknown one
  if (peer === '') throw new UsageError('--peer needs the path of a Python interpreter.', undefined, [HELP]);
  if (peer !== null && profile) {
    throw new UsageError('--profile cannot be used with --peer.', 'Timing each kernel slows the step down a little.', [
      'one after the other',
    ]);
  }
  return {
    images: whole('images', values.images, 2), // the losses compare images
    threads: whole('threads', values.threads),
    queries,
    engine,
    steps: whole('steps', values.steps),
    forward,
    profile,
    json,
    peer,
    rounds: whole('rounds', values.rounds ?? (peer === null ? '1' : '3')),
  };
}
