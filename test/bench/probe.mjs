// Seconds of the evaluators' own work on random representations of CLEVR's size: a step of vqa's probe, and knn's search and
// scores. `npm run build` first. Usage: npm run bench:probe -- [--engine native] [--threads 1] [--steps 20] [--images 15000]
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

const require = createRequire(import.meta.url);
const { ProbeAdamW, RandomSource } = require('../../dist/sdk');
const { chooseEngine } = require('../../dist/engine');
require('../../dist/registry/resolution-hook').useRunningCopies(false);
const { ProbeImages } = require('../../dist/plugins/vqa');
const { nearestNeighbors } = require('../../dist/plugins/knn/neighbors');
const { scoreQuestions } = require('../../dist/plugins/knn/score-votes');

const { values: flags } = parseArgs({
  options: {
    engine: { type: 'string', default: 'native' },
    threads: { type: 'string', default: '1' },
    steps: { type: 'string', default: '20' },
    images: { type: 'string', default: '15000' },
  },
});
const [threads, numSteps, images] = [flags.threads, flags.steps, flags.images].map(Number);
const [SLOTS, WIDTH, QUESTIONS, SPLIT, PROBE_STEPS] = [11, 64, 96, 0.75, 10_000];
const random = new RandomSource(0);
const numTraining = Math.floor(SPLIT * images);

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const minutes = (milliseconds) => ((milliseconds * PROBE_STEPS) / 60_000).toFixed(1);

/** Milliseconds; those of CPU are of all threads, and do not count what other processes took. */
function timed(work) {
  const [start, before] = [performance.now(), process.cpuUsage()];
  work();
  const { user, system } = process.cpuUsage(before);
  return { clock: performance.now() - start, cpu: (user + system) / 1000 };
}

/** One of 15 answers is yes, as in CLEVR. */
const answers = () =>
  Uint8Array.from(random.stream('answers').uniforms(numTraining * QUESTIONS), (u) => (u < 1 / 15 ? 1 : 0));

function timeProbe(label, shape) {
  const each = shape.reduce((product, size) => product * size);
  const data = {
    features: random.stream('features', each).normals(numTraining * each),
    shape,
    answers: answers(),
    numQuestions: QUESTIONS,
  };
  const parameters = {
    weight: random
      .stream('weight')
      .normals(WIDTH * QUESTIONS)
      .map((value) => value / 8),
    bias: new Float32Array(QUESTIONS),
  };
  const probe = new ProbeImages(data, 14);
  const optimizer = new ProbeAdamW([parameters.weight, parameters.bias]);
  const step = () => {
    const { weight, bias } = probe.gradient(parameters);
    optimizer.step([weight, bias]);
  };
  const steps = Array.from({ length: numSteps + 2 }, () => timed(step)).slice(2);
  probe.dispose();
  const [clock, cpu] = ['clock', 'cpu'].map((key) => median(steps.map((step) => step[key])));
  const flops = (4 * numTraining * each * QUESTIONS) / (cpu / 1000);
  console.log(
    `${label.padEnd(28)} ${clock.toFixed(1)} ms a step, ${cpu.toFixed(1)} of CPU: for ${PROBE_STEPS} steps ` +
      `${minutes(clock)} min, ${minutes(cpu)} of CPU; ${(flops / 1e9).toFixed(0)} GFLOP/s of CPU`,
  );
}

async function timeKnn() {
  const K = 20;
  const features = random.stream('knn').normals(images * WIDTH);
  const labels = Array.from({ length: images }, (_, i) =>
    Uint8Array.from(random.stream('labels', i).uniforms(QUESTIONS), (u) => (u < 1 / 15 ? 1 : 0)),
  );
  const cpu = () => process.cpuUsage().user / 1e6;
  const start = cpu();
  const neighbors = await nearestNeighbors(features, images, K);
  const found = cpu();
  scoreQuestions(labels, neighbors, K, 0.07);
  console.log(
    `knn: ${(found - start).toFixed(1)} s of CPU to find neighbours, ${(cpu() - found).toFixed(1)} to score questions`,
  );
}

const engine = await chooseEngine(flags.engine).prepare({ threads });
console.log(
  `${flags.engine}: ${JSON.stringify(engine)}; ${numTraining} of ${images} images to train on, ${numSteps} steps`,
);
const { maxRSS: before } = process.resourceUsage();
timeProbe('vqa, global representation', [WIDTH]);
timeProbe(`vqa, ${SLOTS} slots`, [SLOTS, WIDTH]);
await timeKnn();
console.log(
  `largest memory of the process ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB, ${(before / 1024).toFixed(0)} MB of it before`,
);
