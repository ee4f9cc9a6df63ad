/**
 * `workers.mjs ENGINE HOW`: trains alone in the main thread, then in three worker threads at once and in the main thread.
 *
 * - `compare`: prints how many different models came of it, and of how many trainings.
 * - `exit`: the workers train for ever; process.exit(5) while they do.
 * - `workers-exit`: each worker ends itself by process.exit(0) in the middle of a training.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { openTraining } from './small-training.mjs';

const STEPS = 10;
const WORKERS = 3;

/** Batch sizes change, so that the threads' scratch is made anew now and then. */
async function train(engine, steps = STEPS, afterStep = () => {}) {
  const training = await openTraining(engine, 2);
  for (let index = 0; index < steps; index++) {
    training.step(index, 1 + ((index * 5) % 8));
    afterStep(index);
  }
  return training.hash();
}

async function main([engine, how]) {
  const alone = how === 'compare' ? [await train(engine)] : [];
  const workers = Array.from(
    { length: WORKERS },
    () => new Worker(fileURLToPath(import.meta.url), { workerData: { engine, how } }),
  );
  const messages = workers.map((worker) => once(worker, 'message'));
  if (how !== 'compare') {
    await Promise.all(messages);
    if (how === 'exit') process.exit(5);
    return;
  }
  const together = [train(engine), ...messages.map(async (message) => (await message)[0])];
  const models = [...alone, ...(await Promise.all(together))];
  console.log(JSON.stringify({ trainings: models.length, models: new Set(models).size }));
}

async function work({ engine, how }) {
  if (how === 'compare') return parentPort.postMessage(await train(engine));
  const afterStep = (index) => {
    if (index === 2) parentPort.postMessage('training');
    if (index === 4 && how === 'workers-exit') process.exit(0);
  };
  await train(engine, Infinity, afterStep);
}

await (isMainThread ? main(process.argv.slice(2)) : work(workerData));
