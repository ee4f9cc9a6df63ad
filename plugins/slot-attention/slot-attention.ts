import * as tf from '@tensorflow/tfjs-core';
import {
  component,
  componentToken,
  DIMENSIONS,
  inject,
  Module,
  OPTIONS,
  RANDOM,
  type Dimensions,
  type Mode,
  type ObjFn,
  type ObjFnOutput,
  type PosEmbed,
  type RandomSource,
} from 'osc-trainer/sdk';
import { GruCell, hiddenWidth, LayerNorm, Linear } from 'osc-trainer/sdk/nn';
import { residualMlp, softmax, stopGradient, straightThrough } from 'osc-trainer/sdk/ops';
import { options, type SlotAttentionOptions } from './options';

/**
 * Slots compete for patch tokens: a softmax over slots, then a mean of the tokens weighted by it, a GRU and an MLP.
 * Parameters `pos_embed.*`, `to_{q,k,v}.weight`, `gru.*`, `mlp.{0,2}.*`, `norm_{input,slots,pre_ff}.*`.
 *
 * With `gradient: last` the iterations before the last one only find where it starts: they are computed without gradient, and the
 * gradient of their slots goes to the queries as it is (bi-level optimisation: Jia et al. 2022, arXiv:2210.08990). What is computed
 * is the same to the bit.
 *
 * The gradient of `norm_slots.bias` is zero but for rounding: it shifts the logits of all slots alike.
 */
@component({
  kind: 'obj_fn',
  name: 'slot-attention',
  summary: 'Slots compete for patch tokens, refined over a few iterations',
  options,
  reference: 'Locatello et al. 2020, arXiv:2006.15055; src/osc/models/slot_attention.py',
})
export class SlotAttention extends Module implements ObjFn {
  readonly #toQ: Linear;
  readonly #toK: Linear;
  readonly #toV: Linear;
  readonly #gru: GruCell;
  readonly #mlp1: Linear;
  readonly #mlp2: Linear;
  readonly #normInput: LayerNorm;
  readonly #normSlots: LayerNorm;
  readonly #normPreFf: LayerNorm;
  readonly #iterations: number;
  readonly #gradient: SlotAttentionOptions['gradient'];
  readonly #epsilon: number;

  constructor(
    @inject(OPTIONS) { hidden_mult, num_iters, gradient, eps }: SlotAttentionOptions,
    @inject(DIMENSIONS) { embedDim: c }: Pick<Dimensions, 'embedDim'>,
    @inject(componentToken('pos_embed')) private readonly posEmbed: PosEmbed | null,
    @inject(RANDOM) random: RandomSource,
  ) {
    super();
    const hidden = hiddenWidth(c, hidden_mult);
    const projection = (name: string): Linear =>
      this.child(name, new Linear({ in: c, out: c, bias: false }, random.scope(name)));
    if (posEmbed) this.child('pos_embed', posEmbed);
    this.#toQ = projection('to_q');
    this.#toK = projection('to_k');
    this.#toV = projection('to_v');
    this.#gru = this.child('gru', new GruCell({ in: c, hidden: c }, random.scope('gru')));
    this.#mlp1 = this.child('mlp.0', new Linear({ in: c, out: hidden }, random.scope('mlp.0')));
    this.#mlp2 = this.child('mlp.2', new Linear({ in: hidden, out: c }, random.scope('mlp.2')));
    this.#normInput = this.child('norm_input', new LayerNorm(c));
    this.#normSlots = this.child('norm_slots', new LayerNorm(c));
    this.#normPreFf = this.child('norm_pre_ff', new LayerNorm(c));
    this.#iterations = num_iters;
    this.#gradient = gradient;
    this.#epsilon = eps;
  }

  forward(queries: tf.Tensor3D, features: tf.Tensor3D, mode: Mode): ObjFnOutput {
    const placed = this.posEmbed ? this.posEmbed.forward(features, { ...mode, scope: 'obj_fn' }) : features;
    const keys = this.#toK.forward({ x: placed, norm: this.#normInput });
    const values = this.#toV.forward({ x: placed, norm: this.#normInput });
    const maps: tf.Tensor3D[] = [];
    const refine = (start: tf.Tensor3D, count: number): tf.Tensor3D => {
      let slots = start;
      for (let i = 0; i < count; i++) {
        const { next, map } = this.#iterate(slots, keys, values);
        slots = next;
        if (mode.attention) maps.push(stopGradient(map));
      }
      return slots;
    };
    const untaped = this.#gradient === 'last' ? this.#iterations - 1 : 0;
    const start = untaped === 0 ? queries : startingFrom(queries, (from) => refine(from, untaped), mode);
    const slots = refine(start, this.#iterations - untaped);
    return mode.attention ? { slots, attention: maps } : { slots };
  }

  #iterate(
    slots: tf.Tensor3D,
    keys: tf.Tensor3D,
    values: tf.Tensor3D,
  ): { next: tf.Tensor3D; /** before the renormalisation, `[2B, S, N]` */ map: tf.Tensor3D } {
    const [batch, numSlots, c] = slots.shape;
    const q = tf.mul<tf.Tensor3D>(this.#toQ.forward({ x: slots, norm: this.#normSlots }), 1 / Math.sqrt(c));
    const map = softmax(tf.matMul<tf.Tensor3D>(q, keys, false, true), 1);
    const weights = tf.add<tf.Tensor3D>(map, this.#epsilon);
    // The mean of the values by these weights, divided after the product, which is smaller than the weights. Their sums are a
    // product with ones: in the gradient of `tf.sum` there are as many ones as weights.
    const sums = tf.matMul(weights, tf.ones([batch, keys.shape[1], 1]));
    const updates = tf.div<tf.Tensor3D>(tf.matMul(weights, values), sums);
    const rows = batch * numSlots;
    const recurrent = this.#gru.forward(tf.reshape(updates, [rows, c]), tf.reshape(slots, [rows, c]));
    const [mlp1, mlp2] = [this.#mlp1, this.#mlp2];
    const mlp = { weight1: mlp1.weight, bias1: mlp1.bias!, weight2: mlp2.weight, bias2: mlp2.bias! };
    const next = residualMlp(recurrent, this.#normPreFf.weights, mlp, 'relu');
    return { next: tf.reshape(next, [batch, numSlots, c]), map };
  }
}

/** What the untaped iterations give. Maps would be gone with all else that they leave off the tape: for them they are run on it. */
function startingFrom(queries: tf.Tensor3D, refine: (from: tf.Tensor3D) => tf.Tensor3D, mode: Mode): tf.Tensor3D {
  if (!mode.attention) return straightThrough(queries, () => refine(queries));
  const slots = refine(queries);
  return straightThrough(queries, () => tf.clone(slots));
}
