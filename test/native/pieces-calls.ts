/** Calls of every C++ kernel that make several pieces of work: more than 16384 floats, 96 rows, 512 rows of a norm, … */
import { CHOICES } from '../../src/engine/native/kernel-table';
import { KERNEL_NAMES, parametersOf, type KernelName, type Parameter } from '../../src/engine/native/library';
import { RandomSource } from '../../src/sdk/random';

/** Values of an argument that the kernel writes: what lies there before is no matter. */
export interface Result {
  readonly length: number;
}
export type CallArgument = number | boolean | null | Float32Array | Int32Array | Result;
export interface PiecesCall {
  readonly kernel: KernelName;
  readonly what: string;
  readonly args: readonly CallArgument[];
}

const source = new RandomSource(1);
let draws = 0;
const values = (length: number, mean = 0): Float32Array => source.stream('values', draws++).normals(length, mean);
const ints = (...numbers: number[]): Int32Array => Int32Array.from(numbers);

/** 13 pieces of 16384. */
const LONG = 200_001;

/** Of sizes and numbers that a call does not say. */
const NUMBERS: Readonly<Record<string, number>> = {
  ...{ n: LONG, rows: 1200, width: 100, batch: 4, heads: 3, classes: 100 },
  ...{ epsilon: 1e-5, scale: 0.3, maxIterations: 5, tolerance: 1e-6 },
  ...{ beta1: 0.9, rest1: 0.1, beta2: 0.999, rest2: 0.001, rootScale: 1, decay: 1, rate: 0.01 },
};
/** Of random values. The logs of attention's sums are above those there would be, so that probabilities stay small. */
const MEANS: Readonly<Record<string, number>> = { gamma: 1, sums: 10 };

/** A call from the table, with the given arguments, and one of the gradient. */
function callsOf(kernel: KernelName, given: Readonly<Record<string, CallArgument>> = {}): PiecesCall[] {
  const numbers: Record<string, number> = {};
  const lengthOf = ({ rows, axes }: Parameter): number =>
    axes.reduce(
      (length, { factor, sizes }) => sizes.reduce((product, size) => product * numbers[size]!, length * factor),
      rows === undefined ? 1 : numbers[rows]!,
    );
  const argument = (parameter: Parameter): CallArgument => {
    const { kind, name } = parameter;
    if (kind === 'size' || kind === 'rows' || kind === 'whole')
      return (numbers[name] = Number(given[name] ?? NUMBERS[name] ?? 60));
    if (name in given) return given[name]!;
    if (kind === 'number') return NUMBERS[name] ?? 0.5;
    if (kind === 'flag') return false;
    if (kind === 'choice') return 0;
    if (kind.startsWith('out')) return { length: lengthOf(parameter) };
    if (kind === 'ints') return Int32Array.from({ length: lengthOf(parameter) }, (_, i) => (7 * i) % 60);
    return values(lengthOf(parameter), MEANS[name]);
  };
  const args = parametersOf(kernel).map(argument);
  const what = Object.entries({ ...numbers, ...given })
    .filter(([, value]) => typeof value === 'number' || typeof value === 'boolean')
    .map(([name, value]) => `${name} ${value}`);
  const gradient = KERNEL_NAMES.filter((name) => name === `${kernel}Grad`);
  return [{ kernel, what: what.join(', '), args }, ...gradient.flatMap((name) => callsOf(name, given))];
}

function matmul(batch: number, m: number, n: number, k: number): PiecesCall[] {
  const offsets = Int32Array.from({ length: 2 * batch }, (_, i) => (i >> 1) * (i % 2 === 0 ? m * k : k * n));
  const [a, b] = [values(batch * m * k), values(batch * k * n)];
  const flags = [false, true];
  return flags.flatMap((transposeA) =>
    flags.flatMap((transposeB) => callsOf('matmul', { batch, m, n, k, transposeA, transposeB, offsets, a, b })),
  );
}

function elementwise(): PiecesCall[] {
  const [a, b] = [values(LONG), values(LONG)];
  const binary = (op: number, plan: Int32Array, y: number, from = { a, b }): PiecesCall[] =>
    callsOf('binary', { op, plan, ...from, y: { length: y } });
  const copy = (plan: Int32Array, y: number): PiecesCall[] =>
    callsOf('copy', { from: 0, to: 0, plan, x: a, y: { length: y } });
  const rows = { a: values(900 * 257), b: values(257) };
  return [
    ...CHOICES.Unary.flatMap((_, op) => callsOf('unary', { op, x: a })),
    ...CHOICES.Binary.flatMap((_, op) => binary(op, ints(LONG, 1, 1), LONG)),
    ...binary(0, ints(900, 257, 257, 1, 0, 1), 900 * 257, rows), // a row to all rows
    ...copy(ints(LONG, 1, 1), LONG),
    ...copy(ints(900, 222, 222, 1, 222, 1), 900 * 222),
    ...copy(ints(3, 400, 166, 66400, 1, 400, 66400, 166, 1), 199_200), // transposed
    ...callsOf('adamW', { meanSquare: values(LONG).map(Math.abs) }),
  ];
}

function reductions(): PiecesCall[] {
  const shapes = [
    { outer: 1, n: LONG, inner: 1 },
    { outer: 3, n: 5000, inner: 13 },
    { outer: 900, n: 222, inner: 1 },
    { outer: 90, n: 70, inner: 31 },
  ];
  return shapes.flatMap((shape) => [
    ...CHOICES.Reduce.flatMap((_, op) => callsOf('reduce', { op, ...shape, scale: 0.5 })),
    ...callsOf('softmax', shape),
  ]);
}

function kMeans(cosine: boolean): PiecesCall[] {
  const [batch, points, clusters, width] = [20, 100, 6, 33];
  const x = values(batch * points * width);
  const start = new Float32Array(batch * clusters * width);
  for (let b = 0; b < batch; b++) {
    start.set(x.subarray(b * points * width, (b * points + clusters) * width), b * clusters * width);
  }
  return callsOf('kMeans', { cosine, batch, points, clusters, width, x, start });
}

const CHOSEN: readonly PiecesCall[] = [
  ...elementwise(),
  ...reductions(),
  ...matmul(1, 250, 130, 70),
  ...matmul(1, 250, 128, 600),
  ...matmul(3, 250, 70, 90),
  ...matmul(17, 40, 33, 50),
  ...matmul(1, 30, 50, 9000), // pieces of the inner axis
  ...callsOf('linear', { in: 60, out: 50 }),
  ...callsOf('normLinear', { in: 60, out: 50 }),
  ...callsOf('normLinear', { rows: 700, in: 64, out: 96 }),
  ...callsOf('mlp', { width: 40, hidden: 70, activation: 0 }),
  ...callsOf('mlp', { rows: 700, width: 48, hidden: 96, activation: 1 }),
  ...callsOf('selfAttention', { depth: 17, rows: 60 }),
  ...callsOf('selfAttention', { depth: 16, rows: 60, scale: 5 }), // logits that need the row's maximum
  ...callsOf('crossAttention', { depth: 16, rows: 7, columns: 130 }),
  ...kMeans(false),
  ...kMeans(true),
];
const isChosen = new Set(CHOSEN.map(({ kernel }) => kernel));

/** Those of a choice, and one of each other kernel. */
export const PIECES_CALLS: readonly PiecesCall[] = [
  ...CHOSEN,
  ...KERNEL_NAMES.filter((name) => !isChosen.has(name) && !name.endsWith('Grad')).flatMap((name) => callsOf(name)),
];
