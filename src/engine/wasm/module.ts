/** A WebAssembly module of the C++ kernels as a library of them. Its memory is shared with the threads of threads.ts. */
import { types } from 'node:util';
import { RunError } from '../../sdk/errors';
import { Heap, type Block } from '../native/heap';
import {
  KERNEL_NAMES,
  type Argument,
  type KernelFunction,
  type KernelName,
  type Library,
  type Region,
} from '../native/library';
import { compileModule, type Form } from './forms';
import { WasmThreads } from './threads';
import { wasm, type WasmMemory } from './webassembly';

const PAGE = 2 ** 16;
/** As build.mjs says: what the module itself needs, its first thread's stack with it. */
const INITIAL_PAGES = 64;
const MAXIMUM_PAGES = 65535;
const SCRATCH_REGION_BYTES = 2 ** 24;

/** Of cpp/ops.h and cpp/call.h. */
const MAX_ARGS = 24;
const ARG_BYTES = 24;
const [ARG_NONE, ARG_NUMBER, ARG_FLOATS, ARG_INTS, ARG_OTHER] = [0, 1, 2, 3, 4];

/** Of cpp/wasm.cc. */
interface Exports {
  init(threads: number): void;
  args(): number;
  message(): number;
  opCount(): number;
  opName(op: number): number;
  /** 0: done; 1: an argument is wrong, see `message`; 2: out of memory. */
  call(op: number, count: number): number;
}

export class WasmLibrary implements Library {
  readonly kernels: Readonly<Record<KernelName, KernelFunction>>;
  readonly readsAnyArray = false;
  readonly #memory: WasmMemory;
  /** Those that `memory` handed out: an array of one of them lies in our memory, at its offset. */
  readonly #buffers = new WeakSet<ArrayBufferLike>();
  readonly #exports: Exports;
  readonly #threads: WasmThreads;
  /** What kernels need while they run, and integers. */
  readonly #scratch: Heap;
  readonly #blocks = new Map<number, Block>();
  readonly #numbers: Float64Array;
  readonly #words: Uint32Array;
  /** Integers of the call that runs. */
  #integers: Block[] = [];

  /** With one thread. @throws RangeError where there is no room for 4 GB of addresses */
  constructor(readonly form: Form) {
    const module = compileModule(form);
    this.#memory = new wasm.Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES, shared: true });
    this.#scratch = new Heap(this, Infinity, SCRATCH_REGION_BYTES);
    const osc = {
      allocate: (bytes: number) => this.#allocate(bytes >>> 0),
      deallocate: (place: number) => this.#deallocate(place >>> 0),
    };
    const { exports } = new wasm.Instance(module, { env: { memory: this.#memory }, osc });
    this.#exports = exports as Exports;
    this.#threads = new WasmThreads(module, this.#memory, (bytes) => this.#scratch.allocate(bytes / 4).at);
    this.#exports.init(1);
    this.#numbers = new Float64Array(this.#memory.buffer, this.#exports.args(), (MAX_ARGS * ARG_BYTES) / 8);
    this.#words = new Uint32Array(this.#memory.buffer, this.#exports.args(), (MAX_ARGS * ARG_BYTES) / 4);
    const byName = new Map<string, number>();
    for (let op = 0; op < this.#exports.opCount(); op++) byName.set(this.#text(this.#exports.opName(op)), op);
    const kernels = KERNEL_NAMES.map((name) => [name, this.#kernel(name, byName.get(name)!)] as const);
    this.kernels = Object.fromEntries(kernels) as Record<KernelName, KernelFunction>;
  }

  get threads(): number {
    return this.#threads.count;
  }

  /** May be called again, with another number; no op may be called until it is done. */
  async setThreads(count: number): Promise<void> {
    if (count === this.threads) return;
    await this.#threads.stop();
    this.#exports.init(count);
    await this.#threads.start(count);
  }

  /** @throws RunError where there is no more: WebAssembly has addresses for 4 GB */
  memory(bytes: number): Region {
    const pages = Math.ceil(bytes / PAGE);
    let before: number;
    try {
      before = this.#memory.grow(pages);
    } catch (cause) {
      const used = Math.round(this.#memory.buffer.byteLength / 2 ** 20);
      throw new RunError(
        `The engine wasm has no memory left: it has ${used} MB, and ${Math.ceil(bytes / 2 ** 20)} MB more are needed.`,
        'WebAssembly cannot have more than 4096 MB: take a smaller training.batch_size, or another engine.',
        ['engine.name=native'],
        { cause },
      );
    }
    const { buffer } = this.#memory;
    this.#buffers.add(buffer);
    return { buffer, byteOffset: before * PAGE, byteLength: pages * PAGE };
  }

  #kernel(name: KernelName, op: number): KernelFunction {
    return (...args) => {
      const count = Math.min(args.length, MAX_ARGS);
      let status: number;
      try {
        for (let i = 0; i < count; i++) this.#write(name, i, args[i]!);
        status = this.#exports.call(op, count);
      } finally {
        for (const block of this.#integers) this.#scratch.release(block);
        this.#integers.length = 0;
      }
      if (status === 1) throw new TypeError(this.#text(this.#exports.message()));
      if (status === 2) throw Object.assign(new Error('Out of memory.'), { code: 'ENOMEM' });
    };
  }

  #write(name: KernelName, index: number, arg: Argument): void {
    const words = this.#words;
    const at = (index * ARG_BYTES) / 4;
    let kind = ARG_OTHER;
    if (typeof arg === 'number' || typeof arg === 'boolean') {
      kind = ARG_NUMBER;
      this.#numbers[(index * ARG_BYTES) / 8] = Number(arg);
    } else if (arg === null || arg === undefined) {
      kind = ARG_NONE;
    } else if (types.isFloat32Array(arg)) {
      // not instanceof: a Proxy is one for that
      if (!this.#buffers.has(arg.buffer)) {
        throw new TypeError(`${name}: argument ${index + 1} is a Float32Array outside of the engine's memory.`);
      }
      kind = ARG_FLOATS;
      words[at + 2] = arg.byteOffset;
      words[at + 3] = arg.length;
    } else if (types.isInt32Array(arg)) {
      kind = ARG_INTS;
      words[at + 2] = this.#copyOf(arg);
      words[at + 3] = arg.length;
    }
    words[at + 4] = kind;
  }

  #copyOf(integers: Int32Array): number {
    const block = this.#scratch.allocate(integers.length);
    this.#integers.push(block);
    new Int32Array(block.region.buffer, block.at, integers.length).set(integers);
    return block.at;
  }

  /** For kernels, which cannot be left by an exception: 0 where there is no memory. */
  #allocate(bytes: number): number {
    let block: Block;
    try {
      block = this.#scratch.allocate(Math.ceil(bytes / 4));
    } catch {
      return 0;
    }
    this.#blocks.set(block.at, block);
    return block.at;
  }

  #deallocate(place: number): void {
    this.#scratch.release(this.#blocks.get(place)!);
    this.#blocks.delete(place);
  }

  #text(place: number): string {
    const bytes = new Uint8Array(this.#memory.buffer, place);
    return String.fromCharCode(...bytes.slice(0, bytes.indexOf(0)));
  }
}
