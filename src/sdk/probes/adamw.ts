const WEIGHT_DECAY = 1e-2;
const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/** A parameter and its two moments. */
interface Trained {
  readonly values: Float32Array;
  readonly mean: Float32Array;
  readonly meanSquare: Float32Array;
}

/**
 * AdamW with PyTorch's defaults (learning rate 1e-3, weight decay 1e-2), on the few thousand numbers of a probe: on plain
 * arrays, so that no engine rounds otherwise. Source: I. Loshchilov and F. Hutter, Decoupled weight decay regularization,
 * 2019; `torch.optim.AdamW`.
 */
export class ProbeAdamW {
  readonly #trained: readonly Trained[];
  #step = 0;

  /** @param parameters changed in place by every {@link step} */
  constructor(
    parameters: readonly Float32Array[],
    private readonly learningRate = 1e-3,
  ) {
    this.#trained = parameters.map((values) => ({
      values,
      mean: new Float32Array(values.length),
      meanSquare: new Float32Array(values.length),
    }));
  }

  /** @param gradients one for each of the parameters, in their order */
  step(gradients: readonly ArrayLike<number>[]): void {
    this.#step += 1;
    const rate = this.learningRate / (1 - BETA_1 ** this.#step);
    const scale = 1 / Math.sqrt(1 - BETA_2 ** this.#step);
    const kept = 1 - this.learningRate * WEIGHT_DECAY;
    this.#trained.forEach(({ values, mean, meanSquare }, part) => {
      const gradient = gradients[part]!;
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i]!;
        mean[i] = BETA_1 * mean[i]! + (1 - BETA_1) * g;
        meanSquare[i] = BETA_2 * meanSquare[i]! + (1 - BETA_2) * g * g;
        const root = Math.sqrt(meanSquare[i]!) * scale + EPSILON;
        values[i] = values[i]! * kept - (rate * mean[i]!) / root;
      }
    });
  }
}
