import { Buffer } from 'node:buffer';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describeEnd } from '../osc.mjs';

const UTIL = fileURLToPath(new URL('../../../dist/util', import.meta.url));
const TAKE_TURNS = fileURLToPath(new URL('../../e2e/fixtures/take-turns.cjs', import.meta.url));
const LOCKED = /is being trained by/;

/** Several processes go on with one run at once; who wins is killed, and again. */
async function race(round) {
  const { draws } = round;
  const name = 'plain';
  const runDir = round.newRunDir();
  cpSync(await round.lab.stopped(name), runDir, { recursive: true });
  const crowds = draws.integer(1, 2);
  for (let crowd = 1; crowd <= crowds; crowd++) {
    const isLast = crowd === crowds;
    const count = draws.integer(2, 4);
    const killAfter = isLast ? null : draws.integer(0, 300);
    round.note(
      `${count} processes at once${isLast ? '' : `, the winner killed ${killAfter} ms after it took the lock`}`,
    );
    const all = Array.from({ length: count }, () => round.resume(runDir));
    const over = Promise.all(all.map(({ done }) => done));
    if (killAfter !== null) await killWinner(runDir, all, over, killAfter);
    const ends = await over;
    for (const end of ends) {
      round.expectNoBug(end, 'a resume beside others');
      const refused = end.code === 2 && LOCKED.test(end.stderr);
      const killed = !isLast && end.signal === 'SIGKILL';
      const seen = describeEnd(end);
      round.expect(end.code === 0 || refused || killed, 'one trains, the others say that it is locked', seen);
    }
    const trained = ends.filter(({ stdout }) => /^Trained /m.test(stdout)).length;
    round.expect(trained <= 1, 'exactly one trains', `${trained} say that they did`);
    const atEnd = ends.filter(({ code }) => code === 0).length;
    if (isLast) round.expect(atEnd >= 1, 'one trains', ends.map(describeEnd).join('\n'));
  }
  await round.expectSameResult(name, runDir);
  round.expect(!existsSync(join(runDir, '.lock')), 'the lock is given back', '.lock is there');
}

async function killWinner(runDir, all, over, ms) {
  let ended = false;
  void over.then(() => (ended = true));
  while (!ended) {
    const winner = all.find(({ child }) => child.pid === holderOf(runDir));
    if (winner !== undefined) {
      await wait(ms);
      winner.child.kill('SIGKILL');
      return;
    }
    await wait(2);
  }
}

function holderOf(runDir) {
  try {
    return JSON.parse(readFileSync(join(runDir, '.lock'), 'utf8')).pid;
  } catch {
    return undefined;
  }
}

const deadProcess = () => spawnSync('true').pid;

/** A lock that nobody holds any more, in all the forms that it may be left in. */
async function stale(round) {
  const { draws } = round;
  const name = 'plain';
  const runDir = round.newRunDir();
  cpSync(await round.lab.stopped(name), runDir, { recursive: true });
  const dead = { host: hostname(), pid: deadProcess(), system: null, started: null, token: 'f00d' };
  const forms = {
    'of a process that has ended': JSON.stringify(dead),
    'of another start of this process number': JSON.stringify({
      ...dead,
      pid: process.pid,
      system: systemOf(),
      started: '1',
    }),
    'of another machine': JSON.stringify({ ...dead, host: 'elsewhere', system: 'another one' }),
    'that was cut off': JSON.stringify(dead).slice(0, draws.integer(0, 30)),
    'of random bytes': Buffer.from(Array.from({ length: 40 }, () => draws.integer(0, 255))),
  };
  const form = draws.pick(Object.keys(forms));
  const count = draws.integer(1, 3);
  round.note(`a lock ${form}; ${count} processes`);
  writeFileSync(join(runDir, '.lock'), forms[form]);
  const ends = await Promise.all(Array.from({ length: count }, () => round.resume(runDir).done));
  for (const end of ends) {
    const refused = end.code === 2 && LOCKED.test(end.stderr);
    round.expect(end.code === 0 || refused, 'the lock is taken over by one of them', describeEnd(end));
  }
  round.expect(
    ends.some(({ code }) => code === 0),
    'one trains',
    ends.map(describeEnd).join('\n'),
  );
  await round.expectSameResult(name, runDir);
  const left = readdirSync(runDir).filter((file) => file.startsWith('.lock'));
  round.expect(left.length === 0, 'nothing is left of locks', left.join(', '));
}

/** As osc tells this start of the system, and where process numbers count. */
function systemOf() {
  const script = `console.log(JSON.stringify(require(${JSON.stringify(join(UTIL, 'lock-holder.js'))}).thisHolder().system))`;
  return JSON.parse(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout);
}

/** Stale locks are taken over by one at a time, however many try. */
async function turns(round) {
  const folder = join(round.folder, 'lock');
  mkdirSync(folder);
  const [processes, rounds] = [round.draws.integer(2, 8), round.draws.integer(20, 200)];
  round.note(`${processes} processes take over a stale lock ${rounds} times`);
  writeFileSync(join(folder, 'count'), '0');
  const args = [TAKE_TURNS, UTIL, folder, String(deadProcess()), String(rounds)];
  const ends = Array.from({ length: processes }, async () => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += chunk.toString()));
    const [code] = await once(child, 'close');
    return `${code} ${stderr}`.trim();
  });
  for (const end of await Promise.all(ends)) round.expect(end === '0', 'one process at a time holds the lock', end);
  const count = readFileSync(join(folder, 'count'), 'utf8');
  round.expect(count === String(rounds), `${rounds} turns`, count);
}

/** Several new runs at once, and none of them finds its scenes made. */
async function sharedCache(round) {
  const env = { XDG_CACHE_HOME: join(round.folder, 'cache') };
  const count = round.draws.integer(2, 3);
  round.note(`${count} new runs with one empty cache`);
  const runs = Array.from({ length: count }, () => round.newRunDir());
  const ends = await Promise.all(runs.map((runDir) => round.train('plain', runDir, { env }).done));
  for (const end of ends) round.expect(end.code === 0, 'all train', describeEnd(end));
  for (const runDir of runs) await round.expectSameResult('plain', runDir);
}

export const lockRaces = {
  name: 'lock-races',
  what: 'several processes resume one run, find one stale lock, fill one cache: one at a time; the same bytes',
  run: (round) => round.draws.pick([race, race, race, stale, turns, sharedCache])(round),
};
