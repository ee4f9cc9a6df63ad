// How fast scenes are generated, on one core: `npm run build && node test/bench/scenes.mjs [seconds]`.
// "scenes" renders only; "records" also encodes whole records of the published format.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const require = createRequire(join(root, 'package.json'));
const { useRunningCopies } = require('./dist/registry/resolution-hook.js');
useRunningCopies(false); // as when plugins are loaded
const { RandomSource } = require('osc-trainer/sdk');
const { encodeSceneRecord } = require('osc-trainer/sdk/data');
const { generateScene } = require('./dist/plugins/scenes/scene.js');

const seconds = Number(process.argv[2] ?? 5);
const random = new RandomSource(0).scope('bench');

/** Scenes per second of CPU time (garbage collection too) and of wall time. */
function measure(make) {
  for (let index = 0; index < 10; index++) make(index); // lets the compiler settle
  const cpu = process.cpuUsage();
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < seconds * 1000) make(count++);
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { count, perCpuSecond: (count * 1e6) / (user + system), perSecond: count / wall };
}

for (const [height, width] of [
  [240, 320],
  [96, 128],
]) {
  const scene = { height, width, minObjects: 3, maxObjects: 10, minVisible: 200 };
  for (const [what, make] of [
    ['scenes', (index) => generateScene(random, index, scene)],
    ['records', (index) => encodeSceneRecord(generateScene(random, index, scene))],
  ]) {
    const { count, perCpuSecond, perSecond } = measure(make);
    console.log(
      `${height}x${width} ${what}: ${perCpuSecond.toFixed(1)}/s of one core (${perSecond.toFixed(1)}/s by the clock, ${count} made)`,
    );
  }
}
