// Plain JavaScript, as a third party may write it: decorators are called by hand.
import { isMainThread } from 'node:worker_threads';
import { component, inject, LOGGER, OPTIONS, RunError, z } from 'osc-trainer/sdk';

const options = z.strictObject({
  length: z.int().default(40).describe('records'),
  height: z.int().default(24).describe('of an image'),
  width: z.int().default(32).describe('of an image'),
  faults: z
    .record(z.string(), z.enum(['read', 'decode', 'bug', 'exit']))
    .default({})
    .describe('by record'),
});

export class Stripes {
  constructor(options, logger) {
    this.options = options;
    this.logger = logger;
  }

  async prepare() {}

  async size() {
    return this.options.length;
  }

  async *records(_split, from = 0, onBadRecord) {
    for (let index = from; index < this.options.length; index++) {
      if (this.options.faults[index] === 'read') {
        if (onBadRecord === undefined) throw this.problem(index);
        onBadRecord(this.problem(index));
        continue;
      }
      const bytes = new Uint8Array(this.options.height * this.options.width * 3);
      for (let i = 0; i < bytes.length; i++) bytes[i] = index * 37 + i * (index % 5);
      yield { bytes, file: 'stripes', index, offset: index * bytes.length };
    }
  }

  decode({ bytes, index }) {
    const fault = this.options.faults[index];
    if (fault === 'decode') throw this.problem(index);
    if (fault === 'bug') throw new TypeError('stripes are not a function');
    if (fault === 'exit') process.exit(3);
    this.logger.debug('decoded', { index, isMainThread, at: Date.now() });
    return { image: bytes, height: this.options.height, width: this.options.width };
  }

  problem(index) {
    return new RunError(`Record ${index} of stripes is broken (byte offset ${index}).`, 'On purpose.', ['look away']);
  }
}

inject(OPTIONS)(Stripes, undefined, 0);
inject(LOGGER)(Stripes, undefined, 1);
component({ kind: 'dataset', name: 'stripes', summary: 'Striped images, some of them broken on purpose', options })(
  Stripes,
);
