import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describeEnd, stillRunsAfter } from '../osc.mjs';
import { checkpointsOf, isFinished, STEPS, stepsLogged } from '../tiny-run.mjs';
import { drawMoment } from './kill.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'];
/** Steps that may pass before a signal is heard: those that are logged while it is on its way. */
const ON_ITS_WAY = 4;

async function run(round) {
  const { draws } = round;
  const name = draws.pick(['plain', 'plain', 'figures']);
  const reference = await round.lab.reference(name);
  let runDir = round.newRunDir();
  for (let stops = draws.integer(1, 3); stops > 0; stops--) {
    const resumed = existsSync(runDir);
    const { end, sent, before } = await stop(round, name, reference, runDir);
    round.expectNoBug(end, 'a training that is sent signals');
    checkEnd(round, { end, sent, before, resumed, runDir });
    if (end.code === 1 || end.code === 2) runDir = round.startAnew(runDir, end);
  }
  runDir = await round.finish(name, runDir);
  await round.expectSameResult(name, runDir);
}

/** Starts or resumes a training and sends it one signal, or two. */
async function stop(round, name, reference, runDir) {
  const { draws } = round;
  const sent = [draws.pick(SIGNALS), ...(draws.chance(0.25) ? [draws.pick(SIGNALS)] : [])];
  const pause = draws.integer(0, 30);
  const first = draws.chance(0.3) ? draws.integer(0, 600) : undefined;
  const moment =
    first === undefined ? drawMoment(round, reference, runDir, sent[0]) : { text: `after ${first} ms`, ms: first };
  if (moment.ms === undefined) sent.length = 1; // by the process itself
  round.note(`${sent.join(' and ')} ${moment.text}`);
  const { child, done } = round.trainOn(name, runDir, { env: moment.env });
  let before;
  if (moment.ms !== undefined && (await stillRunsAfter(moment.ms, done))) {
    before = stepsLogged(runDir);
    for (const [i, signal] of sent.entries()) {
      if (i > 0) await wait(pause);
      child.kill(signal);
    }
  }
  return { end: await done, sent, before };
}

/** What each way to end means, and when it is right. */
function checkEnd(round, { end, sent, before, resumed, runDir }) {
  const { code, signal, stderr } = end;
  const tooEarly = /stopped before training began/.test(stderr);
  const hasBegun = (resumed ? / Going on from / : / Train 1\//).test(stderr);
  const seen = `sent ${sent.join(' and ')}, ${describeEnd(end)}`;
  if (signal !== null) {
    // before osc listens, and after it has come to its end, a signal has the meaning that it has for any program
    round.expect(!hasBegun || isFinished(runDir), 'a training that has begun is not ended by a signal', seen);
  } else if (code === 75) {
    round.expect(
      tooEarly ? resumed : stderr.includes(': stopping after this step'),
      'code 75 says which signal, or that a run that was to go on has not begun',
      seen,
    );
    const [newest] = checkpointsOf(runDir);
    round.expect(newest !== undefined, 'code 75 leaves a checkpoint', seen);
    if (tooEarly) return;
    const state = JSON.parse(readFileSync(join(newest, 'state.json'), 'utf8'));
    const steps = stepsLogged(runDir);
    round.expect(state.position.step === steps, `the checkpoint is of the last step, ${steps}`, `${newest}, ${seen}`);
  } else if (code === 130) {
    const second = sent.length === 2 && sent[1] !== 'SIGHUP';
    round.expect(second || (tooEarly && !resumed), 'code 130 comes of a second signal or before training', seen);
  } else if (code === 0) {
    // Node's own first moments answer SIGUSR1 by opening the debugger, before any code of osc is there
    const lost = before !== undefined && before < STEPS - ON_ITS_WAY && !/Debugger listening/.test(stderr);
    round.expect(
      isFinished(runDir) && !lost,
      'a signal in the middle of a run stops it',
      `after ${before} steps ${seen}`,
    );
  } else {
    round.expect(resumed && checkpointsOf(runDir).length === 0, 'code 0, 75 or 130', seen);
  }
}

export const signals = {
  name: 'signals',
  what: 'SIGINT, SIGTERM, SIGHUP, SIGUSR1, one or two, from the first millisecond on: code 75 and a checkpoint; the same bytes',
  run,
};
