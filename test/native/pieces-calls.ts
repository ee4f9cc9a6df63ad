/** Calls of every C++ op that make several pieces of work: more than 16384 floats, 96 rows, 512 rows of a norm, … */
import { BINARY, UNARY, type OpName } from '../../src/engine/native/library';
import { RandomSource } from '../../src/sdk/random';

/** Values of an argument that the op writes: what lies there before is no matter, but where `start` says it. */
export interface Result {
  readonly length: number;
  readonly start?: Float32Array;
}
export type CallArgument = number | boolean | null | Float32Array | Int32Array | Result;
export interface PiecesCall {
  readonly op: OpName;
  readonly what: string;
  readonly args: readonly CallArgument[];
}

const source = new RandomSource(1);
let draws = 0;
const values = (length: number, mean = 0): Float32Array => source.stream('values', draws++).normals(length, mean);
const result = (length: number): Result => ({ length });
const ints = (...numbers: number[]): Int32Array => Int32Array.from(numbers);

/** 13 pieces of 16384. */
const LONG = 200_001;

function matmul(batch: number, m: number, n: number, k: number): PiecesCall[] {
  const offsets = Int32Array.from({ length: 2 * batch }, (_, i) => (i >> 1) * (i % 2 === 0 ? m * k : k * n));
  const [a, b] = [values(batch * m * k), values(batch * k * n)];
  const flags = [false, true];
  return flags.flatMap((ta) =>
    flags.map((tb): PiecesCall => {
      const what = `${batch} of [${m}, ${k}]${ta ? 'ᵀ' : ''} by [${k}, ${n}]${tb ? 'ᵀ' : ''}`;
      return { op: 'matmul', what, args: [batch, m, n, k, ta, tb, offsets, a, b, result(batch * m * n)] };
    }),
  );
}

function linear(rows: number, width: number, out: number, normed: boolean): PiecesCall[] {
  const norm = normed ? [values(width, 1), values(width)] : [null, null];
  const begin = [rows, width, out, 1e-5, values(rows * width), ...norm, values(out * width)];
  const what = `[${rows}, ${width}] to ${out}${normed ? ' behind a norm' : ''}`;
  const ofNorm = normed ? [result(width), result(width)] : [null, null];
  const gradients = [result(rows * width), result(out * width), result(out), ...ofNorm];
  return [
    { op: 'linear', what, args: [...begin, values(out), values(rows * out), result(rows * out)] },
    { op: 'linearGrad', what, args: [...begin, values(rows * out), ...gradients] },
  ];
}

function mlp(rows: number, width: number, hidden: number, activation: 0 | 1): PiecesCall[] {
  const [wh, n] = [width * hidden, rows * width];
  const ofNorm = [values(width, 1), values(width)];
  const weights = [values(wh), values(hidden), values(wh), values(width)];
  const begin = [rows, width, hidden, activation, 1e-5, values(n), ...ofNorm, ...weights];
  const what = `[${rows}, ${width}], ${hidden} hidden, activation ${activation}`;
  const gradients = [n, width, width, wh, hidden, wh, width].map(result);
  return [
    { op: 'mlp', what, args: [...begin, result(n)] },
    { op: 'mlpGrad', what, args: [...begin, values(n), ...gradients] },
  ];
}

function attention(self: boolean, [batch, heads, depth, rows, columns]: readonly number[], scale = 0.3): PiecesCall[] {
  const width = heads! * depth!;
  const lengths = self ? [batch! * rows! * 3 * width] : [batch! * rows! * width, batch! * columns! * 2 * width];
  const begin = [self, batch!, heads!, depth!, rows!, columns!, scale, ...lengths.map((length) => values(length))];
  const [n, sums] = [batch! * rows! * width, batch! * heads! * rows!];
  const what = `${self ? 'self' : 'cross'}, ${batch} samples, ${heads} heads of ${depth}, ${rows} by ${columns}, times ${scale}`;
  return [
    { op: 'attention', what, args: [...begin, result(n), result(sums)] },
    // the logs of the sums are above those there would be: probabilities stay small
    { op: 'attentionGrad', what, args: [...begin, values(n), values(n), values(sums, 10), ...lengths.map(result)] },
  ];
}

function onRows(): PiecesCall[] {
  const [rows, width] = [1200, 100];
  const n = rows * width;
  const what = `[${rows}, ${width}]`;
  const norm = (): Float32Array[] => [values(n), values(width, 1), values(width)];
  const gates = (): Float32Array[] => [values(3 * n), values(3 * n), values(n)];
  const targets = Int32Array.from({ length: rows }, (_, i) => (7 * i) % width);
  return [
    { op: 'layerNorm', what, args: [rows, width, 1e-5, ...norm(), result(n)] },
    { op: 'layerNormGrad', what, args: [rows, width, 1e-5, ...norm(), values(n), ...[n, width, width].map(result)] },
    { op: 'gruGates', what, args: [rows, width, ...gates(), result(n)] },
    { op: 'gruGatesGrad', what, args: [rows, width, ...gates(), values(n), ...[3 * n, 3 * n, n].map(result)] },
    { op: 'l2Normalize', what, args: [rows, width, 1e-10, values(n), result(n)] },
    { op: 'l2NormalizeGrad', what, args: [rows, width, 1e-10, values(n), values(n), result(n)] },
    { op: 'crossEntropy', what, args: [rows, width, values(n), targets, result(rows)] },
    { op: 'crossEntropyGrad', what, args: [rows, width, values(n), targets, values(rows), result(n)] },
  ];
}

function elementwise(): PiecesCall[] {
  const [a, b] = [values(LONG), values(LONG)];
  const row = ints(900, 257, 257, 1, 0, 1);
  const adamw = [0.9, 0.1, 0.999, 0.001, 1, 1e-8, 1, 0.01, a, b, values(LONG), values(LONG).map(Math.abs)];
  return [
    ...UNARY.map((what, op): PiecesCall => ({ op: 'unary', what, args: [op, 0.5, a, result(LONG)] })),
    ...BINARY.map((what, op): PiecesCall => ({ op: 'binary', what, args: [op, ints(LONG, 1, 1), a, b, result(LONG)] })),
    { op: 'binary', what: 'a row to all rows', args: [0, row, values(900 * 257), values(257), result(900 * 257)] },
    { op: 'copy', what: 'flat', args: [0, 0, ints(LONG, 1, 1), a, result(LONG)] },
    { op: 'copy', what: 'rows', args: [0, 0, ints(900, 222, 222, 1, 222, 1), a, result(900 * 222)] },
    {
      op: 'copy',
      what: 'transposed',
      args: [0, 0, ints(3, 400, 166, 66400, 1, 400, 66400, 166, 1), a, result(199_200)],
    },
    { op: 'fill', what: 'flat', args: [1.5, result(LONG)] },
    { op: 'geluGrad', what: 'flat', args: [a, b, result(LONG)] },
    { op: 'adamw', what: 'flat', args: [...adamw, ...[LONG, LONG, LONG].map(result)] },
  ];
}

function reductions(): PiecesCall[] {
  const shapes = [
    [1, LONG, 1],
    [3, 5000, 13],
    [900, 222, 1],
    [90, 70, 31],
  ] as const;
  return shapes.flatMap(([outer, n, inner]) => {
    const x = values(outer * n * inner);
    const what = `[${outer}, ${n}, ${inner}]`;
    return [
      ...[0, 1, 2].map((kind): PiecesCall => {
        const args = [kind, outer, n, inner, 0.5, x, result(outer * inner)];
        return { op: 'reduce', what: `${kind} of ${what}`, args };
      }),
      { op: 'softmax', what, args: [outer, n, inner, x, result(x.length)] } as const,
      { op: 'softmaxGrad', what, args: [outer, n, inner, x, values(x.length), result(x.length)] } as const,
    ];
  });
}

function kMeans(cosine: boolean): PiecesCall {
  const [batch, points, clusters, width] = [20, 100, 6, 33];
  const x = values(batch * points * width);
  const start = new Float32Array(batch * clusters * width);
  for (let b = 0; b < batch; b++) {
    start.set(x.subarray(b * points * width, (b * points + clusters) * width), b * clusters * width);
  }
  const args = [cosine, batch, points, clusters, width, 5, 1e-6, x, { length: start.length, start }];
  return { op: 'kmeans', what: cosine ? 'by angle' : 'by distance', args };
}

export const PIECES_CALLS: readonly PiecesCall[] = [
  ...elementwise(),
  ...reductions(),
  ...onRows(),
  ...matmul(1, 250, 130, 70),
  ...matmul(1, 250, 128, 600),
  ...matmul(3, 250, 70, 90),
  ...matmul(17, 40, 33, 50),
  ...matmul(1, 30, 50, 9000), // pieces of the inner axis
  ...[true, false].flatMap((normed) => linear(1200, 60, 50, normed)),
  ...linear(700, 64, 96, true),
  ...mlp(1200, 40, 70, 0),
  ...mlp(700, 48, 96, 1),
  ...attention(true, [4, 3, 17, 60, 60]),
  ...attention(false, [4, 3, 16, 7, 130]),
  ...attention(true, [4, 3, 16, 60, 60], 5), // logits that need the row's maximum
  kMeans(false),
  kMeans(true),
];
