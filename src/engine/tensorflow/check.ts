/** A program: loads a package of tfjs-node, computes a product with it, and prints what it found as JSON. */
import * as tf from '@tensorflow/tfjs-core';
import { addonOf } from './find';
import { BACKEND, loadTensorflow, type LoadedTensorflow } from './load';
import type { Variant } from './variant';

async function check(folder: string, variant: Variant): Promise<LoadedTensorflow> {
  const addon = addonOf(folder);
  if (addon === null) throw new Error(`There is no addon in ${folder}.`);
  const loaded = loadTensorflow({ variant, folder, addon });
  await tf.setBackend(BACKEND);
  const [product] = await tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).data();
  if (product !== 11) throw new Error(`TensorFlow computed ${product} where it should be 11.`);
  return loaded;
}

const [folder, variant] = process.argv.slice(2);
check(folder!, variant as Variant).then(
  (loaded) => console.log(JSON.stringify(loaded)),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
