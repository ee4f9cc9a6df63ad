/** The C++ kernels as JavaScript sees them: the addon of `native`, or the module of `wasm`. */
import type * as tf from '@tensorflow/tfjs-core';
import { KERNELS, type CHOICES } from './kernel-table';

export type KernelName = keyof typeof KERNELS;
export const KERNEL_NAMES = Object.keys(KERNELS) as readonly KernelName[];

export type Argument = number | boolean | Float32Array | Int32Array | null;
/** Arguments in the order of the table. Every kernel checks them and throws a TypeError that names it and the shapes. */
export type KernelFunction = (...args: Argument[]) => void;

export interface Library {
  readonly kernels: Readonly<Record<KernelName, KernelFunction>>;
  /** Memory for tensors, content arbitrary. The region lives as long as its buffer. */
  memory(bytes: number): Region;
  /** Whether arrays outside of {@link memory} can be arguments as they are. */
  readonly readsAnyArray: boolean;
}

export interface Region {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
}

export type ChoiceName = keyof typeof CHOICES;

interface TypeOfKind {
  size: number;
  rows: number;
  whole: number;
  number: number;
  flag: boolean;
  plan: Int32Array;
  floats: tf.TensorInfo;
  floatsOut: tf.TensorInfo;
  in: tf.TensorInfo;
  inOrNull: tf.TensorInfo | null;
  addedOrNull: tf.TensorInfo | null;
  ints: Int32Array | tf.TensorInfo;
  out: tf.TensorInfo;
  outOrNull: tf.TensorInfo | null;
}
type TypeOf<A extends readonly unknown[]> = A[0] extends keyof TypeOfKind
  ? TypeOfKind[A[0]]
  : A[2] extends ChoiceName
    ? (typeof CHOICES)[A[2]][number]
    : never;

/** What a kernel is called with, by name. */
export type KernelArguments<K extends KernelName> = {
  readonly [A in (typeof KERNELS)[K]['args'][number] as A[1]]: TypeOf<A>;
};

/** A number of the sizes of a shape: `factor` times all of `sizes`. */
export interface Dimension {
  readonly factor: number;
  readonly sizes: readonly string[];
}

/** An argument in the table. */
export interface Parameter {
  readonly kind: keyof TypeOfKind | 'choice';
  readonly name: string;
  /** Not of numbers. */
  readonly isArray: boolean;
  /** The size that stands for all axes in front of the others. */
  readonly rows?: string;
  /** The others. */
  readonly axes: readonly Dimension[];
  /** Of a choice. */
  readonly choice?: ChoiceName;
}

function dimension(product: string): Dimension {
  const terms = product.split('*').map((term) => term.trim());
  const isNumber = (term: string): boolean => /^\d+$/.test(term);
  const factor = terms.filter(isNumber).reduce((f, term) => f * Number(term), 1);
  return { factor, sizes: terms.filter((term) => !isNumber(term)) };
}

type Arg = readonly [Parameter['kind'], string, string?];

function parameter([kind, name, rest]: Arg, rowsName: string | undefined): Parameter {
  if (kind === 'choice') return { kind, name, isArray: false, axes: [], choice: rest as ChoiceName };
  const [first, ...others] = rest?.split(', ') ?? [];
  const isArray = first !== undefined || kind === 'floats' || kind === 'floatsOut';
  if (first === undefined) return { kind, name, isArray, axes: [] };
  if (first === rowsName) return { kind, name, isArray, rows: first, axes: others.map(dimension) };
  return { kind, name, isArray, axes: [first, ...others].map(dimension) };
}

const parameters = new Map<KernelName, readonly Parameter[]>();

/** The arguments of a kernel, in the order of the call. */
export function parametersOf(kernel: KernelName): readonly Parameter[] {
  let known = parameters.get(kernel);
  if (known) return known;
  const args: readonly Arg[] = KERNELS[kernel].args;
  const rows = args.find(([kind]) => kind === 'rows');
  known = args.map((arg) => parameter(arg, rows?.[1]));
  parameters.set(kernel, known);
  return known;
}
