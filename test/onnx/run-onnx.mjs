// Runs models in ONNX Runtime (its WebAssembly build): node run-onnx.mjs < JOBS.json > OUTPUTS.json, where a job is a file and
// the images of some calls. A process of its own, since the runtime imports its module in a way that jest's sandbox does not have.
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor, env } from 'onnxruntime-web';

env.wasm.numThreads = 1;
env.logLevel = 'error';

async function run({ file, inputs }) {
  const session = await InferenceSession.create(new Uint8Array(readFileSync(file)));
  const outputs = [];
  for (const { shape, data } of inputs) {
    const results = await session.run({ images: new Tensor('float32', Float32Array.from(data), shape) });
    const plain = Object.entries(results).map(([name, { dims, data }]) => [
      name,
      { shape: dims, data: Array.from(data) },
    ]);
    outputs.push(Object.fromEntries(plain));
  }
  await session.release();
  return { outputs };
}

const results = [];
for (const job of JSON.parse(readFileSync(0, 'utf8'))) {
  results.push(await run(job).catch((error) => ({ error: String(error) })));
}
process.stdout.write(JSON.stringify(results));
