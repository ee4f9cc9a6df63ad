import type { ProbeParameters } from './linear-probe';

const LEARNING_RATE = 1e-3;
const WEIGHT_DECAY = 1e-2;
const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/**
 * AdamW with PyTorch's defaults (learning rate 1e-3, weight decay 1e-2), on the few thousand numbers of a probe: on plain
 * arrays, so that no engine rounds otherwise. Source: I. Loshchilov and F. Hutter, Decoupled weight decay regularization,
 * 2019; `torch.optim.AdamW`.
 */
export class ProbeAdamW {
  readonly #moments: readonly { readonly mean: Float32Array; readonly meanSquare: Float32Array }[];
  #step = 0;

  constructor(private readonly parameters: ProbeParameters) {
    this.#moments = [parameters.weight, parameters.bias].map(({ length }) => ({
      mean: new Float32Array(length),
      meanSquare: new Float32Array(length),
    }));
  }

  /** Changes the parameters in place. */
  step(gradient: ProbeParameters): void {
    this.#step += 1;
    const rate = LEARNING_RATE / (1 - BETA_1 ** this.#step);
    const scale = 1 / Math.sqrt(1 - BETA_2 ** this.#step);
    const pairs = [
      [this.parameters.weight, gradient.weight],
      [this.parameters.bias, gradient.bias],
    ] as const;
    pairs.forEach(([values, gradients], part) => {
      const { mean, meanSquare } = this.#moments[part]!;
      for (let i = 0; i < values.length; i++) {
        const g = gradients[i]!;
        mean[i] = BETA_1 * mean[i]! + (1 - BETA_1) * g;
        meanSquare[i] = BETA_2 * meanSquare[i]! + (1 - BETA_2) * g * g;
        const root = Math.sqrt(meanSquare[i]!) * scale + EPSILON;
        values[i] = values[i]! * (1 - LEARNING_RATE * WEIGHT_DECAY) - (rate * mean[i]!) / root;
      }
    });
  }
}
