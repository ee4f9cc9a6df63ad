/**
 * Gives bad input to jobs of osc, one after the other in one process, and tells of each what came and what it took.
 *
 * Usage: node --expose-gc driver.mjs CASES.json; CASES is a list of { name, job, input }. A line of JSON each on stdout.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const jobs = createRequire(import.meta.url)('../../../dist/jobs/index.js');

/** Largest resident memory since the last {@link forgetPeak}, in bytes. */
function peak() {
  const [, kilobytes] = /VmHWM:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(kilobytes) * 1024;
}

function forgetPeak() {
  globalThis.gc();
  writeFileSync('/proc/self/clear_refs', '5');
}

for (const { name, job, input } of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  forgetPeak();
  const before = process.memoryUsage.rss();
  const cpu = process.cpuUsage();
  let error = null;
  try {
    await jobs[job](input);
  } catch (thrown) {
    const { name: kind, message, exitCode = 70 } = thrown;
    error = { kind, message, exitCode };
  }
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ name, error, cpuMs: (user + system) / 1000, megabytes: (peak() - before) / 1e6 }));
}
