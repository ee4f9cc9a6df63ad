/** `node --expose-gc memory.mjs ENGINE STEPS`: steps of changing batch sizes; every tenth, what is held, as a line of JSON. */
import { openTraining, tf } from './small-training.mjs';

const [engine, steps] = process.argv.slice(2);
const training = await openTraining(engine, 2);
for (let index = 0; index < Number(steps); index++) {
  training.step(index, 1 + ((index * 5) % 8));
  if (index % 10 !== 9) continue;
  globalThis.gc();
  const { heapUsed, rss, arrayBuffers } = process.memoryUsage();
  const { used, reserved } = tf.backend().heap.stats;
  const javascript = heapUsed + arrayBuffers;
  console.log(JSON.stringify({ tensors: tf.memory().numTensors, used, reserved, javascript, rss }));
}
