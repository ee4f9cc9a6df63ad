/** The result of `npm run bench`: one document, and its form for people. */
import { isDeepStrictEqual } from 'node:util';
import { formatTable } from '../../../src/cli/table';
import type { Profile } from './kernel-profile';
import type { Measurement } from './measure';
import type { BenchOptions } from './options';
import { ratiosOf, speedOf, type Ratios, type Speed, type Timing } from './statistics';

export interface Report {
  readonly options: BenchOptions;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly node: string;
    /** Processes that ran or waited in the minute before; of an idle machine near 0. */
    readonly load: number;
  };
  readonly osc: Speed &
    Omit<Measurement, keyof Timing> & {
      readonly rounds: readonly Timing[];
      /** Every round gave the same values, to the bit. Null after one round. */
      readonly reproducible: boolean | null;
    };
  readonly peer: (Speed & { readonly rounds: readonly Timing[] }) | null;
  readonly ratios: Ratios | null;
}

export function makeReport(
  options: BenchOptions,
  machine: Report['machine'],
  ours: readonly Measurement[],
  peer: readonly Timing[],
): Report {
  const crops = 2 * options.images;
  const timing = ({ stepSeconds, peakRssMb }: Timing): Timing => ({ stepSeconds, peakRssMb });
  const { engine, values, profile } = ours[0]!;
  const rounds = ours.map(timing);
  const reproducible = ours.length === 1 ? null : ours.every((round) => isDeepStrictEqual(round.values, values));
  const osc = { engine, ...speedOf(crops, ours), rounds, values, reproducible, profile };
  if (peer.length === 0) return { options, machine, osc, peer: null, ratios: null };
  const peerSpeed = speedOf(crops, peer);
  return { options, machine, osc, peer: { ...peerSpeed, rounds: peer.map(timing) }, ratios: ratiosOf(osc, peerSpeed) };
}

function speedLine(name: string, { medianCropsPerSecond, fastestCropsPerSecond, peakRssMb }: Speed): string {
  const [middle, fastest] = [medianCropsPerSecond, fastestCropsPerSecond].map((rate) => rate.toFixed(1).padStart(7));
  return `${name.padEnd(14)} ${middle} crops/s in the median step, ${fastest} in the fastest, ${peakRssMb} MB at most`;
}

/** One round, told as soon as it is over. */
export function roundLine(round: number, who: string, crops: number, timing: Timing): string {
  return speedLine(`round ${round + 1} ${who}`, speedOf(crops, [timing]));
}

export function headline({ images, queries, forward, steps }: BenchOptions, machine: Report['machine']): string {
  const what = forward ? 'evaluation forward pass' : 'training step';
  return [
    `${machine.processor}, ${machine.cores} cores, Node ${machine.node}, load ${machine.load.toFixed(1)}`,
    `${what} of ${images} images (${2 * images} crops), ${queries} queries, ${steps} timed step${steps === 1 ? '' : 's'}`,
  ].join('\n');
}

const SHOWN_VALUES = 5;

function valueLines({ values, reproducible }: Report['osc'], forward: boolean): string[] {
  const shown = values.slice(0, forward ? 1 : SHOWN_VALUES);
  const lines = Object.keys(shown[0]!).map((key) => {
    const numbers = shown.map((of) => of[key]!.toFixed(6)).join('  ');
    return forward ? `mean square of ${key}: ${numbers}` : `${key} of the first steps: ${numbers}`;
  });
  return reproducible === false ? [...lines, 'NOT REPRODUCIBLE: they differ from round to round.'] : lines;
}

export function describeReport({ options, osc, peer, ratios }: Report): string {
  const { engine, profile } = osc;
  const threads = (count: number): string => `${count} thread${count === 1 ? '' : 's'}`;
  const lines = [
    '',
    speedLine('osc', osc),
    ...(peer === null ? [] : [speedLine('torch', peer)]),
    '',
    `engine ${engine.name}: ${engine.device}, ${threads(engine.threads)}`,
    ...valueLines(osc, options.forward),
  ];
  if (peer !== null && engine.threads !== options.threads) lines.push(`The peer ran on ${threads(options.threads)}.`);
  if (ratios !== null) {
    lines.push(
      '',
      `ratio ${ratios.medianToFastest.toFixed(2)}: our median to the peer's fastest step`,
      `ratio ${ratios.medianToMedian.toFixed(2)}: median to median`,
      `ratio ${ratios.memory.toFixed(2)}: our peak memory to the peer's`,
    );
  }
  if (profile !== null) lines.push('', describeProfile(profile));
  return lines.join('\n');
}

function describeProfile({ millisecondsPerStep, kernels, rest }: Profile): string {
  const row = (name: string, milliseconds: number, share: number, calls: string): string[] => [
    milliseconds.toFixed(1).padStart(8),
    `${(100 * share).toFixed(1)}%`.padStart(6),
    calls.padStart(10),
    name,
  ];
  return formatTable(
    [' MS/STEP', ' SHARE', 'CALLS/STEP', 'KERNEL'],
    [
      ...kernels.map((one) => {
        const { kernel, millisecondsPerStep: ms, share, callsPerStep } = one;
        return row(kernel, ms, share, Number.isInteger(callsPerStep) ? `${callsPerStep}` : callsPerStep.toFixed(1));
      }),
      row('(rest) tape, dispatch, matching, garbage collection, input', rest.millisecondsPerStep, rest.share, ''),
      row('(the whole step)', millisecondsPerStep, 1, ''),
    ],
    100,
  );
}
