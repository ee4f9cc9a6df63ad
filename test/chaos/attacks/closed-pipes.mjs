import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describeEnd, stillRunsAfter } from '../osc.mjs';
import { checkpointsOf, endOf, TRAININGS } from '../tiny-run.mjs';

/** Output that nobody reads any more. */
async function pipes(round) {
  const { draws } = round;
  const streams = draws.pick([['stdout'], ['stderr'], ['stdout', 'stderr']]);
  const asJson = draws.chance(0.25);
  const bytes = draws.chance(0.3) ? 0 : draws.integer(1, 3000);
  round.note(`${streams.join(' and ')} closed after ${bytes} bytes${asJson ? ', --json' : ''}`);
  const runDir = round.newRunDir();
  const { child, done } = round.start([
    'train',
    ...TRAININGS.plain,
    '--run-dir',
    runDir,
    ...(asJson ? ['--json'] : []),
  ]);
  for (const name of streams) {
    const stream = child[name];
    let read = 0;
    if (bytes === 0) stream.destroy();
    stream.on('data', (text) => {
      read += text.length;
      if (read >= bytes) stream.destroy();
    });
  }
  const end = await done;
  round.expect(end.code === 0, 'training goes on when nobody reads what it prints', describeEnd(end));
  await round.expectSameResult('plain', runDir);
}

/** A device that takes nothing. */
async function fullDevice(round) {
  const { draws } = round;
  const stdout = draws.chance(0.6);
  const stderr = !stdout || draws.chance(0.5);
  const asJson = stdout && draws.chance(0.4);
  round.note(
    `/dev/full as ${[stdout && 'stdout', stderr && 'stderr'].filter(Boolean).join(' and ')}${asJson ? ', --json' : ''}`,
  );
  const runDir = round.newRunDir();
  const full = openSync('/dev/full', 'w');
  const stdio = ['ignore', stdout ? full : 'pipe', stderr ? full : 'pipe'];
  const { done } = round.start(['train', ...TRAININGS.plain, '--run-dir', runDir, ...(asJson ? ['--json'] : [])], {
    stdio,
  });
  closeSync(full);
  const end = await done;
  // the document is lost, and with it what the caller asked for; the training is not
  round.expect(end.code === (asJson ? 1 : 0), `code ${asJson ? 1 : 0}`, describeEnd(end));
  await round.expectSameResult('plain', runDir);
}

/** How a training is started in a terminal, and whether it is to outlive it. */
const IN_TERMINAL = {
  alone: { script: 'exec "$@"', survives: false },
  nohup: { script: 'exec nohup "$@"', survives: true },
  'a shell that ignores SIGHUP': { script: `trap '' HUP; "$@"; exit $?`, survives: true },
};

/** A terminal that goes away: SIGHUP, and EIO for all that is printed. */
async function terminal(round) {
  const { draws } = round;
  const how = draws.pick(Object.keys(IN_TERMINAL));
  const { script, survives } = IN_TERMINAL[how];
  const reference = await round.lab.reference('plain');
  const ms = Math.floor((0.2 + draws.number() * 0.7) * reference.ms);
  round.note(`a terminal goes after ${ms} ms; the training was started by: ${how}`);
  const runDir = round.newRunDir();
  const pidFile = join(round.folder, 'pid');
  const env = { CHAOS_SCRIPT: `echo $$ > pid; ${script}` };
  const quoted = (own) => own.map((word) => `'${word}'`).join(' ');
  const inside = (own) => ['script', '-qfec', `bash -c "$CHAOS_SCRIPT" bash ${quoted(own)}`, '/dev/null'];
  const { child, done } = round.train('plain', runDir, { inside, env });
  if (await stillRunsAfter(ms, done)) child.kill('SIGKILL');
  await done;
  // killed before it had started anything
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
  const started = performance.now();
  while (isThere(pid) && performance.now() - started < 240_000) await wait(20);
  round.expect(!isThere(pid), 'a training whose terminal has gone ends', `process ${pid} is still there`);
  // the shell in between may be gone before it has told nohup
  const begun = checkpointsOf(runDir).length > 0;
  const ends = survives ? ['finished'] : ['stopped', 'finished'];
  if (begun)
    round.expect(ends.includes(endOf(runDir)), `its end: ${ends.join(' or ')}`, `${endOf(runDir)}\n${logOf(runDir)}`);
  round.note(begun ? 'there was a checkpoint' : 'there was no checkpoint yet');
  await round.expectSameResult('plain', await round.finish('plain', runDir));
}

function isThere(pid) {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function logOf(runDir) {
  try {
    return readFileSync(join(runDir, 'train.log'), 'utf8').split('\n').slice(-10).join('\n');
  } catch {
    return 'there is no log';
  }
}

const hasTerminal = process.platform === 'linux' && spawnSync('script', ['-qfec', 'true', '/dev/null']).status === 0;
const hasFullDevice = process.platform === 'linux';

export const closedPipes = {
  name: 'closed-pipes',
  what: 'outputs closed after any byte, a full device, a terminal that goes: training goes on to the end; the same bytes',
  run(round) {
    const kinds = [pipes, pipes, ...(hasFullDevice ? [fullDevice] : []), ...(hasTerminal ? [terminal] : [])];
    return round.draws.pick(kinds)(round);
  },
};
