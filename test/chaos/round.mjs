/** One attack on one run: its draws, its folder, what was done so far, and what several attacks do. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { watchedBy } from './disk-shim.mjs';
import { describeEnd, startOsc } from './osc.mjs';
import { checkpointsOf, differenceFrom, TRAININGS } from './tiny-run.mjs';

/** What should hold did not. */
export class Unexpected extends Error {
  constructor(expected, seen) {
    super(`expected ${expected}; seen: ${seen}`);
  }
}

export class Round {
  /** What was done, for who reads of a failure. */
  notes = [];
  #runs = 0;

  /** @param lab what all rounds share: see `Lab` */
  constructor(draws, folder, lab) {
    Object.assign(this, { draws, folder, lab });
  }

  note(text) {
    this.notes.push(text);
  }

  expect(holds, expected, seen) {
    if (!holds) throw new Unexpected(expected, seen);
  }

  /** A process may not hang, and nothing from outside is a bug in osc. */
  expectNoBug(end, what) {
    this.expect(!end.hung && end.code !== 70, `${what} neither hangs nor is a bug in osc`, describeEnd(end));
  }

  newRunDir() {
    return join(this.folder, `run-${this.#runs++}`);
  }

  start(args, options = {}) {
    return startOsc(args, { cwd: this.folder, ...options, env: { ...this.lab.env, ...options.env } });
  }

  train(name, runDir, options) {
    return this.start(['train', ...TRAININGS[name], '--run-dir', runDir], options);
  }

  resume(runDir, options) {
    return this.start(['train', '--resume', runDir], options);
  }

  /** Starts a run, or goes on with it where it has something to go on from. */
  trainOn(name, runDir, options) {
    return existsSync(runDir) ? this.resume(runDir, options) : this.train(name, runDir, options);
  }

  /** Environment in which files of a run are watched. */
  watched(runDir, what) {
    return watchedBy(this.lab.shim, runDir, what);
  }

  /**
   * What a resume ended with that could not go on: only where there was no checkpoint yet is that right.
   * @returns a new folder to start from the beginning in
   */
  startAnew(runDir, end) {
    const hasNone = checkpointsOf(runDir).length === 0;
    const isSaid = /There is no complete checkpoint|is neither a run nor a checkpoint/.test(end.stderr);
    this.expect(
      hasNone && isSaid && (end.code === 1 || end.code === 2),
      'a resume goes on, or says that there is no checkpoint yet',
      `${checkpointsOf(runDir).length} checkpoints, ${describeEnd(end)}`,
    );
    this.note('nothing to resume from: started anew');
    return this.newRunDir();
  }

  /** Goes on to the end, from the beginning where nothing else is left. @returns the run's folder */
  async finish(name, runDir) {
    for (let tries = 0; tries < 2; tries++) {
      const end = await this.trainOn(name, runDir).done;
      if (end.code === 0) return runDir;
      this.expectNoBug(end, 'a resume');
      runDir = this.startAnew(runDir, end);
    }
    throw new Unexpected('a run that is started anew comes to its end', 'it does not');
  }

  /** @param without parts that need not be equal */
  async expectSameResult(name, runDir, without) {
    const difference = differenceFrom(await this.lab.reference(name), runDir, without);
    this.expect(
      difference === null,
      'the same result as of a run that was never disturbed',
      `${runDir}: ${difference}`,
    );
  }
}
