/**
 * A linear layer on each slot and the maximum over slots; letters: N images, S slots (1 for a global representation),
 * C features, V questions. The gradient of the maximum goes to the winning slot alone, so it needs no tape: one pass finds
 * the maxima, a second one multiplies the features with the gradient where a slot has won and with 0 where it has not.
 */
import * as tf from '@tensorflow/tfjs-core';

/** Of the linear layer; changed in place by the optimizer. */
export interface ProbeParameters {
  /** `[C, V]`: transposed from torch's, so that no product has to transpose. */
  readonly weight: Float32Array;
  /** `[V]` */
  readonly bias: Float32Array;
}

export interface ProbeData {
  /** `[N, S, C]` or `[N, C]` */
  readonly features: Float32Array;
  /** `[S, C]` or `[C]` */
  readonly shape: readonly number[];
  /** `[N, V]`, 0 or 1 */
  readonly answers: Uint8Array;
  /** V */
  readonly numQuestions: number;
}

/** Weight of a positive answer in the loss; of a negative one it is 1. */
type PosWeight = number;

/** A chunk's logits of all slots, `[S, n, V]`, have about so many numbers: 1 MB, which stays in a core's cache. */
const CHUNK_NUMBERS = 2 ** 18;

/** What the gradient needs besides, `[n, V]`: the gradient of the logits is `factor · sigmoid(logits) - offset`. */
interface TrainingChunk {
  readonly factor: tf.Tensor2D;
  readonly offset: tf.Tensor2D;
  /** `[1, n]` */
  readonly ones: tf.Tensor2D;
}

interface Chunk {
  /** First image, and one after the last. */
  readonly from: number;
  readonly to: number;
  /** `[S * n, C]`: the first slot of each image, then the second of each, … */
  readonly slots: tf.Tensor2D;
  /** Made when a gradient is first asked for. */
  training?: TrainingChunk;
}

/** Images with their answers, on the engine, cut into chunks of images. */
export class ProbeImages {
  readonly #chunks: readonly Chunk[];
  readonly #slots: number;
  readonly #width: number;

  /** @param chunkImages images a chunk; results depend on it by float errors only */
  constructor(
    private readonly data: ProbeData,
    private readonly posWeight: PosWeight,
    chunkImages?: number,
  ) {
    const { shape, numQuestions } = data;
    [this.#slots, this.#width] = shape.length === 1 ? [1, shape[0]!] : [shape[0]!, shape[1]!];
    const images = this.numImages;
    const size = chunkImages ?? Math.max(1, Math.floor(CHUNK_NUMBERS / (this.#slots * numQuestions)));
    this.#chunks = Array.from({ length: Math.ceil(images / size) }, (_, i) => {
      const [from, to] = [i * size, Math.min(images, (i + 1) * size)];
      return { from, to, slots: this.#slotsOf(from, to) };
    });
  }

  /** N */
  get numImages(): number {
    return this.data.answers.length / this.data.numQuestions;
  }

  /** `[N, V]`: the greatest over slots. */
  logits(parameters: ProbeParameters): Float32Array {
    const { numQuestions } = this.data;
    const all = new Float32Array(this.data.answers.length);
    const [weight, bias] = this.#tensorsOf(parameters);
    for (const { slots, from } of this.#chunks) {
      const logits = tf.tidy(() => tf.add(tf.max(this.#ofSlots(slots, weight), 0), bias));
      all.set(logits.dataSync(), from * numQuestions);
      logits.dispose();
    }
    tf.dispose([weight, bias]);
    return all;
  }

  /** Of {@link meanLoss} by the parameters. */
  gradient(parameters: ProbeParameters): ProbeParameters {
    const [weight, bias] = this.#tensorsOf(parameters);
    let sums: [tf.Tensor, tf.Tensor] | undefined;
    for (const chunk of this.#chunks) {
      const before: [tf.Tensor, tf.Tensor] | undefined = sums;
      const training = (chunk.training ??= this.#trainingOf(chunk));
      sums = tf.tidy((): [tf.Tensor, tf.Tensor] => {
        const parts = this.#gradientOf(chunk.slots, training, weight, bias);
        return before === undefined ? parts : [tf.add(before[0], parts[0]), tf.add(before[1], parts[1])];
      });
      if (before !== undefined) tf.dispose(before);
    }
    const [byWeight, byBias] = sums!;
    const result = {
      weight: Float32Array.from(byWeight.dataSync()),
      bias: Float32Array.from(byBias.dataSync()),
    };
    tf.dispose([weight, bias, byWeight, byBias]);
    return result;
  }

  dispose(): void {
    for (const { slots, training } of this.#chunks) {
      slots.dispose();
      if (training) tf.dispose([training.factor, training.offset, training.ones]);
    }
  }

  /** Products with the weight alone, `[S, n, V]`. */
  #ofSlots(slots: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor3D {
    return tf.reshape(tf.matMul(slots, weight), [this.#slots, -1, this.data.numQuestions]);
  }

  #gradientOf(
    slots: Chunk['slots'],
    { factor, offset, ones }: TrainingChunk,
    weight: tf.Tensor2D,
    bias: tf.Tensor1D,
  ): [tf.Tensor, tf.Tensor] {
    const ofSlots = this.#ofSlots(slots, weight);
    const best = tf.max(ofSlots, 0);
    const byLogits = tf.sub(tf.mul(factor, tf.sigmoid(tf.add(best, bias))), offset);
    const byBias = tf.matMul(ones, byLogits);
    if (this.#slots === 1) return [tf.matMul(slots, byLogits, true), byBias];
    // 1 where a slot is below the greatest; what several slots share (they are equal) each gets a part of
    const lost = tf.step(tf.sub(best, ofSlots));
    const each = tf.div(byLogits, tf.sub(this.#slots, tf.sum(lost, 0)));
    const bySlots = tf.sub(each, tf.mul(each, lost));
    return [tf.matMul(slots, tf.reshape(bySlots, [-1, this.data.numQuestions]), true), byBias];
  }

  #trainingOf({ from, to }: Chunk): TrainingChunk {
    const { answers, numQuestions } = this.data;
    const chosen = answers.subarray(from * numQuestions, to * numQuestions);
    const shape: [number, number] = [to - from, numQuestions];
    const mean = 1 / answers.length;
    const factors = Float32Array.from(chosen, (answer) => (answer === 1 ? this.posWeight : 1) * mean);
    const offsets = Float32Array.from(chosen, (answer) => (answer === 1 ? this.posWeight : 0) * mean);
    return {
      factor: tf.tensor2d(factors, shape),
      offset: tf.tensor2d(offsets, shape),
      ones: tf.ones([1, to - from]),
    };
  }

  #slotsOf(from: number, to: number): tf.Tensor2D {
    const { features } = this.data;
    const [slots, width] = [this.#slots, this.#width];
    const rows = new Float32Array((to - from) * slots * width);
    for (let s = 0, row = 0; s < slots; s++) {
      for (let i = from; i < to; i++, row++) {
        const at = (i * slots + s) * width;
        rows.set(features.subarray(at, at + width), row * width);
      }
    }
    return tf.tensor2d(rows, [(to - from) * slots, width]);
  }

  #tensorsOf({ weight, bias }: ProbeParameters): [tf.Tensor2D, tf.Tensor1D] {
    // copies: a backend may keep the array it is given, and the optimizer changes these
    return [tf.tensor2d(weight.slice(), [this.#width, this.data.numQuestions]), tf.tensor1d(bias.slice())];
  }
}

/**
 * Mean binary cross-entropy of logits: `-(w y log σ(x) + (1 - y) log(1 - σ(x)))`, w the weight of a positive answer.
 *
 * @param logits `[N, V]`
 * @param answers `[N, V]`
 */
export function meanLoss(logits: ArrayLike<number>, answers: Uint8Array, posWeight: PosWeight): number {
  let sum = 0;
  for (let i = 0; i < answers.length; i++) {
    const x = logits[i]!;
    const softplus = Math.log1p(Math.exp(-Math.abs(x)));
    sum += answers[i] === 1 ? posWeight * (softplus + Math.max(-x, 0)) : softplus + Math.max(x, 0);
  }
  return sum / answers.length;
}
