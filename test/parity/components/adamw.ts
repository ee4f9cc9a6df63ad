import * as tf from '@tensorflow/tfjs-core';
import type { Optimizer } from 'osc-trainer/sdk';
import type { Adapter } from '../adapter';
import { relative, valuesLike } from '../compare';
import { toTensor } from '../fixture';

interface Config {
  lrs: number[];
  weight_decay: number;
  betas: [number, number];
  eps: number;
}

const TOLERANCE = 1e-6;

export const adamw: Adapter = {
  components: ['AdamW'],
  knows: {
    config: ['lrs', 'weight_decay', 'betas', 'eps'],
    tensors: [/^(weights_initial|grads\.\d+|weights_after\.\d+)\./],
  },
  async run(fixture, { registry }) {
    const { lrs, ...options } = fixture.config as unknown as Config;
    const optimizer = await registry.create<Optimizer>('optimizer', 'adamw', { options });
    const parameters = new Map(
      Array.from(fixture.group('weights_initial'), ([name, value]) => [name, tf.variable(toTensor(value))]),
    );
    const checks = lrs.flatMap((lr, step) => {
      const gradients = new Map(Array.from(fixture.group(`grads.${step}`), ([name, value]) => [name, toTensor(value)]));
      optimizer.step(parameters, gradients, lr);
      tf.dispose([...gradients.values()]);
      return Array.from(fixture.group(`weights_after.${step}`), ([name, recorded]) => {
        const what = `weights_after.${step}.${name}`;
        return relative(what, valuesLike(what, parameters.get(name)!, recorded), recorded.values, TOLERANCE);
      });
    });
    const recorded = fixture.group('weights_after').size;
    if (checks.length !== recorded)
      throw new Error(`${checks.length} of ${recorded} updated parameters were compared.`);
    optimizer.dispose();
    tf.dispose([...parameters.values()]);
    return checks;
  },
};
