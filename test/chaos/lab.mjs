/** What all rounds share: a folder, a cache of scenes, trainings that nothing disturbed. Each is made when it is first asked for. */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildDiskShim } from './disk-shim.mjs';
import { describeEnd, startOsc } from './osc.mjs';
import { checkpointsOf, trainReference, TRAININGS, waitForSteps } from './tiny-run.mjs';

export class Lab {
  #made = new Map();
  #last = Promise.resolve();

  constructor(work) {
    this.work = work;
    this.env = { XDG_CACHE_HOME: join(work, 'cache'), UV_USE_IO_URING: '0' };
    this.shim = buildDiskShim(work);
  }

  /** A training that nothing disturbed: see `trainReference`. One after the other: the first one fills the cache. */
  reference(name) {
    return this.#once(`reference ${name}`, () => {
      this.#last = this.#last.catch(() => undefined).then(() => trainReference(name, this));
      return this.#last;
    });
  }

  /** The folder of a training that was stopped in its middle. Only to be copied. */
  stopped(name) {
    return this.#once(`stopped ${name}`, async () => {
      await this.reference(name);
      const runDir = join(this.work, `stopped-${name}`, 'run');
      mkdirSync(dirname(runDir));
      const start = this.#start(['train', ...TRAININGS[name], '--run-dir', runDir]);
      await waitForSteps(runDir, 7, start.done);
      start.child.kill('SIGTERM');
      return expectCode(75, await start.done, runDir);
    });
  }

  /** What `osc evaluate` says of that. */
  evaluations(name) {
    return this.#once(`evaluations ${name}`, async () => {
      const [newest] = checkpointsOf(await this.stopped(name));
      const end = await this.#start(['evaluate', newest, '--json']).done;
      return JSON.parse(expectCode(0, end, end.stdout)).evaluations;
    });
  }

  /** The file that `osc export` makes of it. */
  exported(name) {
    return this.#once(`exported ${name}`, async () => {
      const [newest] = checkpointsOf(await this.stopped(name));
      const output = join(this.work, `stopped-${name}`, 'run.safetensors');
      const end = await this.#start(['export', newest, '--format', 'safetensors', '--output', output]).done;
      return expectCode(0, end, output);
    });
  }

  #start(args) {
    return startOsc(args, { cwd: this.work, env: this.env });
  }

  #once(key, make) {
    if (!this.#made.has(key)) this.#made.set(key, make());
    return this.#made.get(key);
  }
}

function expectCode(code, end, value) {
  if (end.code !== code) throw new Error(`What is to be attacked could not be made: ${describeEnd(end)}`);
  return value;
}
