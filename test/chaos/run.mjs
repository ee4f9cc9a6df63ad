/**
 * `npm run chaos [-- --minutes N --seed S --only NAME --rounds N --jobs N --output FILE]`: tiny trainings are killed, stopped, robbed of
 * their disk, their terminal and their files, at random; what they come to is compared with what one that was never disturbed comes to.
 * Prints the seed of each round, and what repeats one that failed. The last line is JSON: {"passed": N, "failed": N}.
 */
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ATTACKS } from './attacks.mjs';
import { Draws } from './draws.mjs';
import { hasFuzzTargets, runFuzzTargets } from './fuzz-targets.mjs';
import { Lab } from './lab.mjs';
import { endAll, requireBuilt } from './osc.mjs';
import { Round } from './round.mjs';

const FUZZ_SHARE = 0.2;
/** Less goes into starting the targets, each a process. */
const FUZZ_LEAST_SECONDS = 60;

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    only: { type: 'string' },
    rounds: { type: 'string', default: 'Infinity' },
    jobs: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    output: { type: 'string' },
  },
});
const [minutes, seed, maxRounds, jobs] = [flags.minutes, flags.seed, flags.rounds, flags.jobs].map(Number);
const attacks = flags.only === undefined ? ATTACKS : ATTACKS.filter(({ name }) => name === flags.only);
if (attacks.length === 0 || [minutes, seed, maxRounds, jobs].some(Number.isNaN)) {
  console.error(`--only takes one of ${ATTACKS.map(({ name }) => name).join(', ')}; the other flags take numbers.`);
  process.exit(2);
}
requireBuilt();

const started = performance.now();
const work = realpathSync(mkdtempSync(join(tmpdir(), 'osc-chaos-')));
const lab = new Lab(work);
const counts = { passed: 0, failed: 0 };
let stopped = false;
process.on('SIGINT', stop);
process.on('SIGTERM', stop);

function stop() {
  stopped = true;
  endAll();
}

/** New inputs for the readers have the last part of the time, where all attacks are made. */
const fuzzShare = Math.ceil(minutes * 60 * FUZZ_SHARE);
const fuzzes = hasFuzzTargets && flags.only === undefined && maxRounds === Infinity && fuzzShare >= FUZZ_LEAST_SECONDS;
const fuzzSeconds = fuzzes ? fuzzShare : 0;
const attackMs = (minutes * 60 - fuzzSeconds) * 1000;

/** Every attack comes as often as any other: they are dealt like cards. */
function* rounds() {
  const draws = new Draws(seed);
  for (let number = 0; ;) {
    for (const attack of draws.shuffled(attacks)) {
      // the first round has the seed itself: a round is repeated by its own
      yield { attack, number, seed: number === 0 ? seed : draws.bits() };
      number++;
    }
  }
}

async function play({ attack, number, seed: own }) {
  const begun = performance.now();
  const folder = join(work, `round-${number}`);
  mkdirSync(folder);
  const round = new Round(new Draws(own), folder, lab);
  let failure;
  try {
    await attack.run(round);
  } catch (error) {
    failure = error;
  }
  if (stopped) return; // what it came to was not its own doing
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const line = `${failure === undefined ? 'ok    ' : 'FAILED'} ${attack.name.padEnd(13)} seed ${String(own).padEnd(11)} ${seconds} s`;
  console.log(`${line}   ${round.notes.join('; ')}`);
  if (failure === undefined) {
    counts.passed++;
    rmSync(folder, { recursive: true, force: true });
    return;
  }
  counts.failed++;
  console.log(`  ${failure.constructor.name === 'Unexpected' ? failure.message : (failure.stack ?? failure)}`);
  console.log(`  its folder: ${folder}`);
  console.log(`  again: npm run chaos -- --only ${attack.name} --seed ${own} --rounds 1`);
}

/** Takes the next round for as long as there is time; what has begun then is played to its end. */
async function playAll(deck) {
  for (;;) {
    const next = deck.next().value;
    const isDue = next.number < maxRounds && performance.now() - started < attackMs;
    if (stopped || !isDue) return;
    await play(next);
  }
}

console.log(
  `seed ${seed}: npm run chaos -- --seed ${seed} --minutes ${minutes}${flags.only === undefined ? '' : ` --only ${flags.only}`}`,
);
if (lab.shim === null)
  console.log('No C++ compiler, or not Linux: operations on files are not watched, moments are drawn in time.');
const deck = rounds();
await Promise.all(Array.from({ length: jobs }, () => playAll(deck)));
if (fuzzSeconds > 0 && !stopped) {
  const found = await runFuzzTargets(fuzzSeconds, seed);
  if (!stopped) {
    counts.passed += found.passed;
    counts.failed += found.failed;
  }
}
if (counts.failed === 0 && existsSync(work)) rmSync(work, { recursive: true, force: true });
if (counts.passed + counts.failed === 0) console.log('Not one round was played to its end.');
const summary = JSON.stringify(counts);
if (flags.output !== undefined) writeFileSync(flags.output, `${summary}\n`);
console.log(summary);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
