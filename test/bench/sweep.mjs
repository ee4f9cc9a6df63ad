// Jobs a second of a sweep: of its overrides (expanded), and of its configs (composed and checked). `npm run build` first.
// Usage: npm run bench:sweep -- [--jobs 10000]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const { Composer } = require('../../dist/config');
const { openRegistryOf } = require('../../dist/jobs/project');
const { readSpace, REFERENCE_SWEEP } = require('../../dist/launch');

const { values: flags } = parseArgs({ options: { jobs: { type: 'string', default: '10000' } } });
const FIXED = 108;
const seeds = Math.min(Math.floor(10_000 / FIXED), Math.ceil(Number(flags.jobs) / FIXED));
const MEBIBYTE = 2 ** 20;

const cwd = mkdtempSync(join(tmpdir(), 'osc-bench-'));
writeFileSync(join(cwd, 'package.json'), '{}');
const { file, registry } = await openRegistryOf({ cwd });
const composer = new Composer({ file, catalog: registry, plugins: [] });
await composer.compose([]); // loads the plugins

/** Seconds of CPU do not count what other processes took. */
async function timed(what, work) {
  const [start, before] = [performance.now(), process.cpuUsage()];
  const { length } = await work();
  const { user, system } = process.cpuUsage(before);
  const rate = (seconds) => Math.round(length / seconds);
  console.log(
    `${what}: ${length} jobs, ${rate((performance.now() - start) / 1000)} a second, ${rate((user + system) / 1e6)} a second of CPU`,
  );
}

let jobs = [];
await timed('expanded', () => {
  const space = readSpace([...REFERENCE_SWEEP, `seeds=1..${seeds}`], composer.folders);
  const values = space.dimensions.reduce(
    (before, { choices }) => before.flatMap((job) => choices.map((value) => [...job, value])),
    [[]],
  );
  jobs = space.jobs(values);
  return jobs;
});

const before = process.memoryUsage().rss;
const composed = [];
await timed('composed', async () => {
  for (const { overrides } of jobs) composed.push(await composer.compose(overrides));
  return composed;
});
console.log(`memory for all configs at once: ${Math.round((process.memoryUsage().rss - before) / MEBIBYTE)} MiB`);
rmSync(cwd, { recursive: true });
