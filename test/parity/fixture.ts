/** Reading of golden fixtures: recorded inputs, weights, outputs and gradients of the reference. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';

export interface FixtureTensor {
  readonly shape: readonly number[];
  /** Row-major; booleans and integers are int32. */
  readonly values: Float32Array | Int32Array;
}

/** The file, as it is written. */
export interface FixtureJson {
  name: string;
  component: string;
  config?: Record<string, unknown>;
  scalars?: Record<string, unknown> | null;
  no_grad?: string[] | null;
  f32_vs_f64_relerr?: Record<string, unknown> | null;
  tensors?: Record<string, { shape: number[]; f32?: string; i32?: string }>;
}

const MEMBERS = 'name component seed_commit notes config tensors scalars no_grad f32_vs_f64_relerr'.split(' ');

export class Fixture {
  readonly name: string;
  /** What of the reference was recorded, in the fixture's own words. */
  readonly component: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly scalars: Readonly<Record<string, unknown>>;
  /** Gradients that the reference did not have (`grad.inputs.f`). */
  readonly noGrad: ReadonlySet<string>;
  readonly tensors: ReadonlyMap<string, FixtureTensor>;
  /** Members of the file that are not part of the format. */
  readonly otherMembers: readonly string[];
  readonly #noise: Readonly<Record<string, unknown>>;

  constructor(json: FixtureJson) {
    this.name = json.name;
    this.component = json.component;
    this.config = json.config ?? {};
    this.scalars = json.scalars ?? {};
    this.otherMembers = Object.keys(json).filter((member) => !MEMBERS.includes(member));
    this.#noise = json.f32_vs_f64_relerr ?? {};
    this.noGrad = new Set(json.no_grad ?? []);
    this.tensors = new Map(Object.entries(json.tensors ?? {}).map(([name, tensor]) => [name, decode(name, tensor)]));
  }

  /** @returns null for a JSON file that is no fixture; @throws Error for one that is broken */
  static read(file: string): Fixture | null {
    const json = parsePythonJson(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')) as FixtureJson | null;
    if (typeof json?.name !== 'string' || typeof json.component !== 'string') return null;
    return new Fixture(json);
  }

  /** How far the reference's own float32 was from float64 in a tensor, relatively; 0 where that was not recorded. */
  noise(name: string): number {
    const noise = this.#noise[name];
    return typeof noise === 'number' && Number.isFinite(noise) ? noise : 0;
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  /** @throws Error for a name that the fixture does not have */
  get(name: string): FixtureTensor {
    const tensor = this.tensors.get(name);
    if (tensor === undefined) throw new Error(`The fixture has no tensor '${name}'.`);
    return tensor;
  }

  /** As a tfjs tensor, which the caller owns. */
  tensor<T extends tf.Tensor>(name: string): T {
    return toTensor<T>(this.get(name));
  }

  /** The tensors `PREFIX.…`, by the rest of their names. */
  group(prefix: string): Map<string, FixtureTensor> {
    const start = `${prefix}.`;
    return new Map(
      [...this.tensors].filter(([name]) => name.startsWith(start)).map(([name, t]) => [name.slice(start.length), t]),
    );
  }

  /** A number of `scalars`. @throws Error when it is none */
  scalar(name: string): number {
    const value = this.scalars[name];
    if (typeof value !== 'number') throw new Error(`The fixture has no number '${name}' among its scalars.`);
    return value;
  }
}

export function toTensor<T extends tf.Tensor>({ shape, values }: FixtureTensor): T {
  return tf.tensor(values, [...shape], values instanceof Int32Array ? 'int32' : 'float32') as T;
}

/** Python writes numbers that are not finite as bare words, which JSON does not have. */
function parsePythonJson(text: string): unknown {
  const words: Readonly<Record<string, string>> = { NaN: 'null', Infinity: '1e999', '-Infinity': '-1e999' };
  return JSON.parse(text.replace(/(?<=[[:,]\s*)(?:NaN|-?Infinity)(?=\s*[\]},])/g, (word) => words[word]!));
}

function decode(name: string, { shape, f32, i32 }: { shape: number[]; f32?: string; i32?: string }): FixtureTensor {
  const text = f32 ?? i32;
  if (text === undefined) throw new Error(`Tensor '${name}' has neither "f32" nor "i32".`);
  const bytes = new Uint8Array(Buffer.from(text, 'base64')).buffer;
  const values = f32 === undefined ? new Int32Array(bytes) : new Float32Array(bytes);
  const size = shape.reduce((product, length) => product * length, 1);
  if (values.length !== size) throw new Error(`Tensor '${name}' [${shape}] has ${values.length} values.`);
  return { shape, values };
}
