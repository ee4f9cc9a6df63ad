import { describeEnd, stillRunsAfter } from '../osc.mjs';

/**
 * Draws the moment of one blow: at one operation on the run's files (where they can be watched), or after milliseconds.
 *
 * @returns the environment to start with, and what to do once it runs
 */
export function drawMoment(round, reference, runDir, signal) {
  const { draws, lab } = round;
  if (lab.shim !== null && draws.chance(0.7)) {
    const at = draws.integer(1, reference.operations);
    const torn = draws.chance(0.3);
    return {
      text: `at operation ${at}${torn ? ', half written' : ''}`,
      env: round.watched(runDir, { signal, at, torn }),
    };
  }
  const ms = Math.floor(draws.number() * reference.ms);
  return { text: `after ${ms} ms`, env: {}, ms };
}

/** Kills a training again and again, then lets it come to its end. */
export async function killAndResume(round, name, kills) {
  const reference = await round.lab.reference(name);
  let runDir = round.newRunDir();
  for (let i = 0; i < kills; i++) {
    const moment = drawMoment(round, reference, runDir, 'SIGKILL');
    round.note(`SIGKILL ${moment.text}`);
    const { child, done } = round.trainOn(name, runDir, { env: moment.env });
    if (moment.ms !== undefined && (await stillRunsAfter(moment.ms, done))) child.kill('SIGKILL');
    const end = await done;
    if (end.signal === 'SIGKILL' && !end.hung) continue;
    round.expectNoBug(end, 'a training');
    if (end.code !== 0) runDir = round.startAnew(runDir, end);
    else round.note(`it had come to its end before`);
  }
  runDir = await round.finish(name, runDir);
  await round.expectSameResult(name, runDir);
  const again = await round.resume(runDir).done;
  round.expect(again.code === 0, 'a finished run that is resumed has nothing left to do', describeEnd(again));
  await round.expectSameResult(name, runDir);
}

export const kill = {
  name: 'kill',
  what: 'SIGKILL up to four times, at any operation on a file or at any millisecond; then resumed: the same bytes',
  run: (round) => killAndResume(round, 'plain', round.draws.integer(1, 4)),
};
