/** What a run that was trained again has in common with the first one: weights to the bit, and the losses on the way. */
import type { SavedTensor } from '../sdk';
import type { Checkpoint, EpochRecord, Position, Tensors } from './checkpoint-state';

/** What is trained and what training goes on from. Callbacks keep what they make of it, which is not compared. */
const PARTS = ['model', 'losses', 'optimizer'] as const;

/** A tensor that is not the same in both. */
export interface TensorDifference {
  readonly part: (typeof PARTS)[number];
  readonly name: string;
  /** Null where one has no such tensor, or of another shape. */
  readonly values: {
    readonly count: number;
    readonly differing: number;
    /** Largest absolute difference. */
    readonly largest: number;
  } | null;
}

/** A loss averaged over an epoch, the first one that is not the same. */
export interface LossDifference {
  /** From 1. */
  readonly epoch: number;
  /** `l_global/train` */
  readonly metric: string;
  /** Null: not measured. */
  readonly original: number | null;
  readonly replay: number | null;
}

export interface CheckpointComparison {
  /** Weights and optimizer are the same to the bit, after as many steps. */
  readonly equal: boolean;
  /** How many tensors there are in either. */
  readonly tensors: number;
  /** Those that differ, in the order of the model. */
  readonly differences: readonly TensorDifference[];
  readonly firstLoss: LossDifference | null;
  /** Steps and epochs done. */
  readonly positions: { readonly original: Position; readonly replay: Position };
}

type Compared = Pick<Checkpoint, (typeof PARTS)[number] | 'history' | 'position'>;

export function compareCheckpoints(original: Compared, replay: Compared): CheckpointComparison {
  const differences: TensorDifference[] = [];
  let tensors = 0;
  for (const part of PARTS) {
    const names = new Set([...original[part].keys(), ...replay[part].keys()]);
    tensors += names.size;
    for (const name of names) {
      const difference = compareTensor(name, original[part], replay[part]);
      if (difference !== undefined) differences.push({ part, name, values: difference });
    }
  }
  const sameSteps =
    original.position.step === replay.position.step && original.position.epoch === replay.position.epoch;
  return {
    equal: differences.length === 0 && sameSteps,
    tensors,
    differences,
    firstLoss: firstLossDifference(original.history, replay.history),
    positions: { original: original.position, replay: replay.position },
  };
}

/** Undefined where both are the same. */
function compareTensor(name: string, original: Tensors, replay: Tensors): TensorDifference['values'] | undefined {
  const [a, b] = [original.get(name), replay.get(name)];
  if (a === undefined || b === undefined || !sameForm(a, b)) return null;
  const [bitsA, bitsB] = [bitsOf(a), bitsOf(b)];
  let differing = 0;
  let largest = 0;
  for (let i = 0; i < bitsA.length; i++) {
    if (bitsA[i] === bitsB[i]) continue;
    differing += 1;
    largest = Math.max(largest, Math.abs(a.data[i]! - b.data[i]!));
  }
  return differing === 0 ? undefined : { count: bitsA.length, differing, largest };
}

function sameForm(a: SavedTensor, b: SavedTensor): boolean {
  return a.data.constructor === b.data.constructor && a.shape.join() === b.shape.join();
}

/** 0 and -0 differ, a NaN is equal to itself. */
function bitsOf({ data }: SavedTensor): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, data.length);
}

function firstLossDifference(original: readonly EpochRecord[], replay: readonly EpochRecord[]): LossDifference | null {
  for (let i = 0; i < Math.max(original.length, replay.length); i++) {
    for (const split of ['train', 'val'] as const) {
      const [a = {}, b = {}] = [original[i]?.[split], replay[i]?.[split]];
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
        if (Object.is(a[key], b[key])) continue;
        return { epoch: i + 1, metric: `${key}/${split}`, original: a[key] ?? null, replay: b[key] ?? null };
      }
    }
  }
  return null;
}
