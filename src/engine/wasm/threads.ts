/** The threads of a module beside the caller's: worker threads that run it over the same memory and never come back. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { WasmMemory, WasmModule } from './webassembly';

const STACK_BYTES = 2 ** 18;

/** JavaScript in a string: it runs as it is from `src` and from `dist`. `worker` waits for work, for ever. */
const CODE = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { module, memory, stack, thread } = workerData;
  const refuse = () => { throw new Error('Only the first thread allocates.'); };
  const imports = { env: { memory }, osc: { allocate: refuse, deallocate: refuse } };
  const { exports } = new WebAssembly.Instance(module, imports);
  exports.__stack_pointer.value = stack;
  parentPort.postMessage('ready');
  exports.worker(thread);
`;

export class WasmThreads {
  #workers: Worker[] = [];
  /** Where those of the threads after the first begin; they are used again. */
  readonly #stacks: number[] = [];

  /** @param allocate bytes that are never given back → their place */
  constructor(
    private readonly module: WasmModule,
    private readonly memory: WasmMemory,
    private readonly allocate: (bytes: number) => number,
  ) {}

  /** With the caller's. */
  get count(): number {
    return this.#workers.length + 1;
  }

  /** Until all of them can be given work. None may be there. */
  async start(count: number): Promise<void> {
    while (this.#stacks.length < count - 1) this.#stacks.push(this.allocate(STACK_BYTES));
    this.#workers = Array.from({ length: count - 1 }, (_, i) => {
      const stack = this.#stacks[i]! + STACK_BYTES; // it grows down
      const workerData = { module: this.module, memory: this.memory, stack, thread: i + 1 };
      return new Worker(CODE, { eval: true, execArgv: [], name: `osc-wasm-${i + 1}`, workerData });
    });
    await Promise.all(this.#workers.map((worker) => once(worker, 'message')));
    for (const worker of this.#workers) worker.unref();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    this.#workers = [];
  }
}
