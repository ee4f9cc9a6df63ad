import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeEnd } from '../osc.mjs';
import { checkpointsOf } from '../tiny-run.mjs';

const SAID = /disk is full|file size limit/;
/** A picture never costs a training: where it found no room, it is not there. */
const LOST_PICTURES = ['figures'];

async function run(round) {
  const { draws, lab } = round;
  const name = draws.pick(['plain', 'plain', 'figures']);
  const reference = await lab.reference(name);
  let runDir = round.newRunDir();
  for (let times = draws.integer(1, 2); times > 0; times--) {
    const had = checkpointsOf(runDir);
    const end = await drawFullDisk(round, reference)(name, runDir).done;
    round.expectNoBug(end, 'a training on a full disk');
    if (end.code === 0) {
      const text = 'a training that comes to its end on a full disk has lost nothing';
      await round.expectSameResult(name, runDir, LOST_PICTURES).catch((error) => {
        round.expect(false, text, `${error.message}\n${describeEnd(end)}`);
      });
      continue;
    }
    if (had.length === 0 && checkpointsOf(runDir).length === 0 && !SAID.test(end.stderr)) {
      runDir = round.startAnew(runDir, end); // this was a resume of what never came to a checkpoint
      continue;
    }
    const seen = describeEnd(end);
    round.expect(end.code === 1 && SAID.test(end.stderr), 'code 1 and a sentence about the disk', seen);
    const lost = had.length > 0 && checkpointsOf(runDir).length === 0;
    round.expect(!lost, 'checkpoints from before are kept', seen);
  }
  runDir = await round.finish(name, runDir);
  await round.expectSameResult(name, runDir, LOST_PICTURES);
}

/** @returns starts a training whose disk is going to be full */
function drawFullDisk(round, reference) {
  const { draws, lab } = round;
  if (lab.shim !== null && draws.chance(0.75)) {
    const fullAfter = draws.integer(0, reference.bytes);
    const fullFor = draws.chance(0.3) ? draws.integer(1, 5) : undefined;
    round.note(`full after ${fullAfter} bytes${fullFor === undefined ? '' : `, for ${fullFor} operations`}`);
    return (name, runDir) => round.trainOn(name, runDir, { env: round.watched(runDir, { fullAfter, fullFor }) });
  }
  const kilobytes = draws.integer(1, 60);
  round.note(`no file larger than ${kilobytes} KiB`);
  const inside = (own) => ['bash', '-c', `ulimit -f ${kilobytes}; exec "$@"`, 'bash', ...own];
  return (name, runDir) => round.trainOn(name, runDir, { inside });
}

/** The cache of scenes finds no room: nothing half-made is taken for whole later. */
async function fullCache(round) {
  const cache = join(round.folder, 'cache');
  const fullAfter = round.draws.integer(0, 200_000);
  round.note(`a new cache is full after ${fullAfter} bytes`);
  const env = { XDG_CACHE_HOME: cache };
  let runDir = round.newRunDir();
  const end = await round.train('plain', runDir, { env: { ...env, ...round.watched(cache, { fullAfter }) } }).done;
  round.expectNoBug(end, 'a training whose cache is full');
  const said = end.code === 0 || (end.code === 1 && SAID.test(end.stderr));
  round.expect(said, 'code 0, or code 1 and a sentence about the disk', describeEnd(end));
  if (end.code !== 0) {
    runDir = round.newRunDir();
    const again = await round.train('plain', runDir, { env }).done;
    round.expect(again.code === 0, 'with room again it trains', describeEnd(again));
  }
  await round.expectSameResult('plain', runDir);
  rmSync(cache, { recursive: true });
}

export const fullDisk = {
  name: 'full-disk',
  what: 'no room after any byte, for ever or for a moment; files that may not grow: code 1, a sentence, then resumed: the same bytes',
  run: (round) => (round.lab.shim !== null && round.draws.chance(0.15) ? fullCache(round) : run(round)),
};
