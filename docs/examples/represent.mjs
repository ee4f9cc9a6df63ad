import { openModel, readSample, synthesizeData, train } from 'osc-trainer';

// a few minutes on a laptop; more overrides may follow the name of the script
const run = await train({ overrides: ['+exp=demo', ...process.argv.slice(2)], onLog: console.log });
console.log(`${run.epochs} epochs in ${run.runDir}`, run.losses, run.evaluations);

// an image: here a new scene; { image: pixels, height, width } of a file of yours would do
await synthesizeData({ output: 'scene.tfrecords', count: 1, seed: 7, overwrite: true });
const scene = await readSample({ file: 'scene.tfrecords', index: 0 });

const model = await openModel({ model: run.runDir });
const [{ global, slots, attention }] = await model.represent([scene]);
model.dispose();

const [numSlots, width] = slots.shape; // [S, C]
const [, rows, columns] = attention[0].shape; // [S, h, w]
console.log(`The image is a vector of ${global.shape[0]} numbers.`);
for (let s = 0; s < numSlots; s++) {
  const slot = slots.data.subarray(s * width, (s + 1) * width);
  const map = attention[0].data.subarray(s * rows * columns, (s + 1) * rows * columns);
  const most = map.indexOf(Math.max(...map));
  const place = `row ${Math.floor(most / columns)}, column ${most % columns} of ${rows}×${columns}`;
  console.log(`Slot ${s}: length ${Math.hypot(...slot).toFixed(2)}, looks most at ${place}`);
}
