/**
 * Value and gradients of a function of variables, as `tf.variableGrads`, in less time and memory: what the forward pass
 * saved, and each gradient of an intermediate tensor, is freed as soon as it has been used. tfjs keeps all of them to the end.
 */
import * as tf from '@tensorflow/tfjs-core';

/** The part of tfjs's tape that the backward pass reads; `tf.engine().state` is public, but not documented. */
interface TapeNode {
  readonly inputs: tf.NamedTensorMap;
  readonly outputs: tf.Tensor[];
  readonly saved: tf.Tensor[];
  readonly gradient?: (dys: (tf.Tensor | null)[]) => Record<string, () => tf.Tensor>;
}

export interface ValueAndGradients {
  readonly value: tf.Scalar;
  /** By the variables' place; undefined where the value does not depend on the variable. */
  readonly gradients: (tf.Tensor | undefined)[];
}

/** The caller owns all that is returned. */
export function valueAndGradients(f: () => tf.Scalar, variables: readonly tf.Variable[]): ValueAndGradients {
  const { state } = tf.engine();
  let result: ValueAndGradients | undefined;
  // `gradients` turns the tape on for its function; inside, the pass over the tape is made here, with the tape off
  tf.engine().gradients(
    () => {
      const value = tf.keep(tf.tidy(f));
      state.kernelDepth++; // how tfjs itself turns the tape off while a kernel runs
      try {
        result = { value, gradients: backward(state.activeTape as unknown as TapeNode[], value, variables) };
      } finally {
        state.kernelDepth--;
      }
      return value;
    },
    [...variables],
    undefined,
    true, // no gradients are found: nothing is left on the tape
  );
  return result!;
}

function backward(tape: TapeNode[], y: tf.Tensor, xs: readonly tf.Tensor[]): (tf.Tensor | undefined)[] {
  const wanted = new Set(xs.map((x) => x.id));
  const fromX = reachedFrom(tape, wanted);
  const gradients = new Map<number, tf.Tensor>([[y.id, tf.keep(tf.onesLike(y))]]);
  for (let node = tape.pop(); node; node = tape.pop()) {
    const dys = node.outputs.map((output) => gradients.get(output.id) ?? null);
    const inputs = Object.entries(node.inputs).filter(([, input]) => fromX.has(input.id));
    if (inputs.length > 0 && dys.some((dy) => dy !== null)) {
      const functions = node.gradient;
      if (!functions) throw new Error('An op on the way from the parameters to the loss has no gradient.');
      const dxs = tf.tidy(() => {
        const byName = functions(dys);
        const owned = new Set([...dys, ...node.saved]); // freed below: what is handed on must be another tensor
        return inputs.map(([name]) => {
          const dx = byName[name]!();
          const mine = owned.has(dx) ? tf.clone(dx) : dx;
          owned.add(mine);
          return tf.keep(mine);
        });
      });
      inputs.forEach(([, input], i) => accumulate(gradients, input.id, dxs[i]!));
    }
    for (const output of node.outputs) {
      if (wanted.has(output.id)) continue;
      gradients.get(output.id)?.dispose();
      gradients.delete(output.id);
    }
    tf.dispose(node.saved);
  }
  for (const [id, gradient] of gradients) if (!wanted.has(id)) gradient.dispose();
  return xs.map((x) => gradients.get(x.id));
}

/** Ids of all tensors that depend on those given. */
function reachedFrom(tape: readonly TapeNode[], ids: ReadonlySet<number>): Set<number> {
  const reached = new Set(ids);
  for (const { inputs, outputs } of tape) {
    if (Object.values(inputs).some((input) => reached.has(input.id))) for (const { id } of outputs) reached.add(id);
  }
  return reached;
}

function accumulate(gradients: Map<number, tf.Tensor>, id: number, dx: tf.Tensor): void {
  const sum = gradients.get(id);
  if (!sum) {
    gradients.set(id, dx);
    return;
  }
  gradients.set(id, tf.keep(tf.tidy(() => tf.add(sum, dx))));
  tf.dispose([sum, dx]);
}
