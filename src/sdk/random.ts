/**
 * Seeded randomness. Every draw is a pure function of (seed, purpose, indices): there is no state to save, so neither
 * the number of workers nor a resume changes a run: docs/decisions/data-pipeline.md.
 */
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

const GOLDEN = 0x9e3779b9;

/** murmur3's 32-bit finaliser. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function absorb(state: Uint32Array, word: number): void {
  for (let lane = 0; lane < 4; lane++) {
    state[lane] = mix(state[lane]! ^ Math.imul(word + lane, GOLDEN) ^ Math.imul(state[(lane + 1) & 3]!, 0x27d4eb2f));
  }
}

function absorbNumber(state: Uint32Array, value: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`Seeds and indices are safe integers, not ${value}.`);
  absorb(state, value >>> 0);
  absorb(state, Math.floor(value / 2 ** 32) >>> 0);
}

function absorbText(state: Uint32Array, text: string): void {
  for (let i = 0; i < text.length; i++) absorb(state, text.charCodeAt(i));
  absorb(state, 0x10000 + text.length); // no character has this code: 'ab','c' and 'a','bc' differ
}

/** A sequence of draws. Made by {@link RandomSource.stream}; cheap, used once, never stored. */
export class RandomStream {
  readonly #generator;
  #spare: number | undefined;

  constructor(state: Uint32Array) {
    const words = Array.from(state, (word) => word | 0);
    if (!words.some((word) => word !== 0)) words[0] = 1; // the one state xoroshiro cannot leave
    this.#generator = xoroshiro128plusFromState(words);
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    return this.#generator.next() >>> 0;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.bits() >>> 5) * 0x4000000 + (this.bits() >>> 6)) / 0x20000000000000;
  }

  /** Standard normal (Box–Muller). */
  normal(): number {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Uniform integer in [0, bound). */
  integer(bound: number): number {
    if (!Number.isSafeInteger(bound) || bound < 1)
      throw new RangeError(`integer(bound) needs bound >= 1, not ${bound}.`);
    return Math.floor(this.uniform() * bound);
  }

  /** `length` uniforms in [low, high), of 24 bits: as many as a float32 holds, so that none is rounded up to `high` = 1. */
  uniforms(length: number, low = 0, high = 1): Float32Array {
    return Float32Array.from({ length }, () => low + (high - low) * ((this.bits() >>> 8) / 0x1000000));
  }

  /** `length` normals. */
  normals(length: number, mean = 0, std = 1): Float32Array {
    return Float32Array.from({ length }, () => mean + std * this.normal());
  }

  /** `count` distinct integers of [0, n), in random order (`count` = n: a permutation). */
  sample(n: number, count = n): Int32Array {
    if (count > n) throw new RangeError(`Cannot draw ${count} distinct integers below ${n}.`);
    const pool = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = 0; i < count; i++) {
      const j = i + this.integer(n - i);
      [pool[i], pool[j]] = [pool[j]!, pool[i]!];
    }
    return pool.slice(0, count);
  }
}

/** A seed and a place: `source.scope('model').scope('obj_queries').stream('noise', step)`. Immutable. */
export class RandomSource {
  readonly #state: Uint32Array;

  /** @param seed a safe integer (or the state of another source) */
  constructor(seed: number | Uint32Array) {
    if (typeof seed === 'number') {
      this.#state = new Uint32Array([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344]);
      absorbNumber(this.#state, seed);
    } else {
      this.#state = seed;
    }
  }

  /** The source of a part of what this one is for. */
  scope(name: string): RandomSource {
    const state = this.#state.slice();
    absorbText(state, name);
    return new RandomSource(state);
  }

  /** The draws for one purpose and place: the same arguments give the same draws, always. */
  stream(purpose: string, ...indices: number[]): RandomStream {
    const state = this.#state.slice();
    absorbText(state, purpose);
    for (const index of indices) absorbNumber(state, index);
    return new RandomStream(state);
  }
}
