/**
 * Gives new inputs to every reader of what comes from outside, for a time. Each target runs in a process of its own, with little
 * memory; one that ends, or says nothing for ten seconds, has failed at the input it was at.
 *
 * Usage: node test/fuzz/run.mjs [--seconds 60] [--seed S] [--only TARGET]... [--save DIR]
 *        node test/fuzz/run.mjs --only TARGET --file FILE...      (what is made of these inputs)
 *
 * The last line of stdout is JSON: {"passed": N, "failed": N}, in inputs. Exit code 1 where one failed.
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { runFiles, startWorker } from './processes.mjs';
import { targets } from './targets/index.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    only: { type: 'string', multiple: true },
    save: { type: 'string', default: 'outputs/fuzz' },
    file: { type: 'boolean', default: false },
  },
});
const names = targets.map(({ name }) => name);
const chosen = values.only ?? names;
for (const name of chosen) {
  if (!names.includes(name)) throw new Error(`There is no target ${name}; there are ${names.join(', ')}.`);
}
const seed = Number(values.seed);
/** Kinds of failures: each is told of once. */
const told = new Set();

if (values.file) {
  for (const line of await runFiles(chosen[0], positionals)) {
    console.log(JSON.stringify(line));
    if (line.verdict === 'failure') process.exitCode = 1;
  }
} else {
  await search();
}

async function search() {
  console.log(`seed ${seed}`);
  const total = { passed: 0, failed: 0 };
  const msEach = (Number(values.seconds) * 1000) / chosen.length;
  for (const name of chosen) {
    const { passed, failures, ms } = await searchTarget(name, msEach);
    total.passed += passed;
    total.failed += failures.length;
    console.log(
      `${name}: ${passed + failures.length} inputs in ${(ms / 1000).toFixed(1)} s, ${failures.length} failed`,
    );
    for (const failure of failures) tell(name, failure);
  }
  if (total.failed > 0) process.exitCode = 1;
  console.log(JSON.stringify(total));
}

async function passesAlone(name, bytes) {
  const folder = mkdtempSync(join(tmpdir(), 'osc-fuzz-'));
  writeFileSync(join(folder, name), bytes);
  const [{ verdict }] = await runFiles(name, [join(folder, name)]);
  rmSync(folder, { recursive: true });
  return verdict !== 'failure';
}

async function searchTarget(name, ms) {
  const failures = [];
  let passed = 0;
  let restarts = 0;
  const start = performance.now();
  for (let left = ms; left > 0; left = ms - (performance.now() - start)) {
    const note = ({ text, bytes }) => failures.push({ text, bytes: Buffer.from(bytes, 'base64') });
    const args = ['--ms', String(left), '--seed', String(seed + restarts++)];
    const end = await startWorker(name, args, note, () => passed++);
    if (end === undefined) break;
    if (end.bytes !== undefined && (await passesAlone(name, end.bytes))) {
      passed++; // the machine was busy
      continue;
    }
    failures.push({ text: end.why, bytes: end.bytes });
    if (end.bytes === undefined) break;
  }
  return { passed, failures, ms: performance.now() - start };
}

function tell(name, { text, bytes }) {
  const kind = `${name} ${text.replaceAll(/\d+|"[^"]*"/g, '#').slice(0, 300)}`;
  if (told.has(kind)) return;
  told.add(kind);
  console.log(`  ${text.slice(0, 1500).replaceAll('\n', '\n  ')}`);
  if (bytes === undefined) return;
  mkdirSync(values.save, { recursive: true });
  const file = join(values.save, `${name}-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`);
  writeFileSync(file, bytes);
  console.log(
    `  ${bytes.length} bytes in ${file}; again: node test/fuzz/run.mjs --only ${name} --file ${relative('.', file)}`,
  );
}
