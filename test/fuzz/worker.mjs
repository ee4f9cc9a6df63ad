/**
 * Runs inputs of one target in a process of its own: new ones for a time, or files. Writes to descriptor 3 a `.` for each input
 * that passes, and a line of JSON for one that does not; the input at hand lies in `FOLDER/current`, for who finds the process dead.
 *
 * Usage: node test/fuzz/worker.mjs TARGET FOLDER (--ms N --seed S | --files FILE...); for files of the corpus TARGET is `corpus`
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { judge } from './judge.mjs';
import { Random } from './mutate.mjs';
import { targets } from './targets/index.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ms: { type: 'string' },
    seed: { type: 'string', default: '1' },
    files: { type: 'boolean', default: false },
  },
});
const [name, home, ...files] = positionals;
const targetOf = (wanted) => targets.find((one) => one.name === wanted);
const REPORT = 3;
const MOST_CPU_MS = 1000;
const MOST_GROWTH = 200e6;

// as on a user's machine: no cache of theirs is touched
process.env.XDG_CACHE_HOME = join(home, 'cache');

function report(line) {
  writeSync(REPORT, line);
}

async function measured(target, bytes) {
  const folder = mkdtempSync(join(home, 'at-'));
  writeFileSync(join(home, 'current'), bytes);
  const place = { folder, file: join(folder, 'input') };
  const rss = process.memoryUsage.rss();
  const cpu = process.cpuUsage();
  const result = await judge(target, bytes, place);
  const { user, system } = process.cpuUsage(cpu);
  const peak = process.resourceUsage().maxRSS * 1024;
  rmSync(folder, { recursive: true, force: true });
  return { ...result, ms: (user + system) / 1000, growth: peak - rss };
}

/** @returns verdict; failure also for what takes too much */
async function run(target, bytes) {
  const before = process.resourceUsage().maxRSS * 1024;
  let result = await measured(target, bytes);
  // once more: the first time may have compiled, or collected what others left
  if (result.verdict !== 'failure' && result.ms > MOST_CPU_MS) {
    result = await measured(target, bytes);
    if (result.ms > MOST_CPU_MS)
      return { ...result, verdict: 'failure', text: `it takes ${Math.round(result.ms)} ms of a processor` };
  }
  const peak = process.resourceUsage().maxRSS * 1024;
  if (result.verdict !== 'failure' && peak > before && result.growth > MOST_GROWTH) {
    return { ...result, verdict: 'failure', text: `it takes ${Math.round(result.growth / 1e6)} MB` };
  }
  return result;
}

if (values.files) {
  for (const file of files) {
    const target = targetOf(name === 'corpus' ? basename(dirname(file)) : name);
    const { verdict, text, ms } = await run(target, readFileSync(file));
    report(`${JSON.stringify({ file: basename(file), verdict, text, ms: Math.round(ms) })}\n`);
  }
} else {
  await search(Number(values.ms), Number(values.seed));
}

/** An input that leads to something not seen before is one to start from. */
async function search(ms, seed) {
  const target = targetOf(name);
  const folder = join(import.meta.dirname, 'corpus', name);
  const pool = readdirSync(folder)
    .sort()
    .map((file) => readFileSync(join(folder, file)));
  const seen = new Set();
  const random = new Random(seed);
  for (const bytes of pool) seen.add(signature(await run(target, bytes)));
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const bytes = target.mutate(random.pick(pool), random, { dictionary: target.dictionary ?? [], others: pool });
    const { verdict, text } = await run(target, bytes);
    if (verdict === 'failure') {
      report(`${JSON.stringify({ verdict, text, bytes: bytes.toString('base64') })}\n`);
      continue;
    }
    report('.');
    const kind = signature({ verdict, text });
    if (!seen.has(kind) && pool.length < 2000) {
      seen.add(kind);
      pool.push(bytes);
    }
  }
}

/** The message without what it is about. */
function signature({ verdict, text = '' }) {
  return `${verdict} ${text.replaceAll(/"[^"]*"|'[^']*'|\d+|\[[^\]]*\]/g, '#').slice(0, 200)}`;
}
