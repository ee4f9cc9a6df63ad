/** Forward pass and gradients of a fixture: L = sum over its outputs of sum(output * cotangent). */
import * as tf from '@tensorflow/tfjs-core';
import type { NamedParameters } from 'osc-trainer/sdk';
import { absolute, exact, largest, relative, valuesLike, type Check } from './compare';
import { toTensor, type Fixture } from './fixture';

export interface Tolerances {
  readonly outputs: number;
  readonly gradients: number;
}

export const MODULE_TOLERANCES: Tolerances = { outputs: 1e-5, gradients: 2e-5 };
export const MODEL_TOLERANCES: Tolerances = { outputs: 1e-5, gradients: 1e-4 };
/** Logits above 100: float32 itself is no better (docs/reference.md, "How exact"). */
const DEAD_SLOT_TOLERANCES: Tolerances = { outputs: 1e-3, gradients: 1e-3 };

/** The recorded noise is the floor of a correct float32 implementation (docs/reference.md, "How exact"): two of them may be apart twice that. */
const NOISES = 2;
const LARGEST_TOLERANCE = 1e-3;

/** Gradients of a fixture whose largest is below this are 0 but for rounding. */
const ZERO_GRADIENT = 1e-6;

/** Its gradient is mathematically zero (docs/reference.md, what one would not expect, 3), what was recorded is noise: it is compared as such. */
const NOISE = /(^|\.)norm_slots\.bias$/;

interface Options {
  /** Holder of the parameters, whose values are replaced by `weights.*`; null where the fixture has none. */
  readonly module: { namedParameters(): NamedParameters } | null;
  readonly fixture: Fixture;
  /** Outputs by name. `inputs` are those of the fixture. */
  readonly forward: (inputs: ReadonlyMap<string, tf.Tensor>) => Readonly<Record<string, tf.Tensor>>;
  /** The outputs that go into L with cotangent 1 instead of the recorded ones (`loss_total` of a model). */
  readonly scalarLoss?: string;
  readonly tolerances?: Tolerances;
}

/** Runs it and compares every output and every gradient that was recorded. */
export function checkForwardAndGradients({ module, fixture, forward, scalarLoss, tolerances }: Options): Check[] {
  const table = fixture.name.includes('dead_slot') ? DEAD_SLOT_TOLERANCES : (tolerances ?? MODULE_TOLERANCES);
  const limit = (what: string, tolerance: number): number =>
    Math.max(tolerance, Math.min(NOISES * fixture.noise(what), LARGEST_TOLERANCE));
  const parameters = module?.namedParameters() ?? new Map<string, tf.Variable>();
  loadWeights(parameters, fixture, 'weights');
  const inputs = new Map(
    Array.from(fixture.group('inputs'), ([name, recorded]) => [name, tf.variable(toTensor(recorded))]),
  );
  const differentiable = new Map<string, tf.Variable>();
  for (const [name, parameter] of parameters) differentiable.set(`grad.weights.${name}`, parameter);
  for (const [name, input] of inputs) if (input.dtype === 'float32') differentiable.set(`grad.inputs.${name}`, input);

  let outputs: Readonly<Record<string, tf.Tensor>> = {};
  const { grads } = tf.variableGrads(() => {
    outputs = forward(inputs);
    for (const output of Object.values(outputs)) tf.keep(output);
    return scalarLoss === undefined ? contract(outputs, fixture) : (outputs[scalarLoss] as tf.Scalar);
  }, [...differentiable.values()]);

  const checks: Check[] = [];
  for (const [name, recorded] of fixture.group('outputs')) {
    const output = outputs[name];
    if (output === undefined) continue; // what is left out of the checks is not let pass
    const what = `outputs.${name}`;
    checks.push(relative(what, valuesLike(what, output, recorded), recorded.values, limit(what, table.outputs)));
  }

  const recordedGradients = [...fixture.tensors].filter(([name]) => name.startsWith('grad.'));
  const scale = Math.max(0, ...recordedGradients.map(([, { values }]) => largest(values)));
  for (const [what, recorded] of recordedGradients) {
    const variable = differentiable.get(what);
    if (variable === undefined) throw new Error(`There is nothing to take ${what} of.`);
    const gradient = grads[variable.name] ?? tf.zeros([...recorded.shape]);
    const actual = valuesLike(what, gradient, recorded);
    if (scale < ZERO_GRADIENT) checks.push(absolute(what, actual, recorded.values, ZERO_GRADIENT));
    else {
      const floor = scale * (NOISE.test(what) ? 1 : 1e-3);
      checks.push(relative(what, actual, recorded.values, limit(what, table.gradients), floor));
    }
  }
  for (const what of fixture.noGrad) {
    const variable = differentiable.get(what);
    if (variable === undefined) throw new Error(`There is nothing to take ${what} of.`);
    const gradient = grads[variable.name];
    checks.push(
      gradient === undefined
        ? { what, error: 0, tolerance: 0 }
        : exact(what, gradient.dataSync(), new Float32Array(gradient.size)),
    );
  }
  tf.dispose([grads, outputs, [...inputs.values()]]);
  return checks;
}

/**
 * Gives parameters the values of `PREFIX.*`. Names and shapes must be the same on both sides.
 *
 * @throws Error that names what is missing on either side
 */
export function loadWeights(parameters: ReadonlyMap<string, tf.Variable>, fixture: Fixture, prefix: string): void {
  const weights = fixture.group(prefix);
  const missing = [...weights.keys()].filter((name) => !parameters.has(name));
  const unknown = [...parameters.keys()].filter((name) => !weights.has(name));
  if (missing.length > 0 || unknown.length > 0) {
    throw new Error(`Parameters differ: not here [${missing}], not in the fixture [${unknown}].`);
  }
  for (const [name, parameter] of parameters) {
    const recorded = weights.get(name)!;
    valuesLike(name, parameter, recorded);
    const value = toTensor(recorded);
    parameter.assign(value);
    value.dispose();
  }
}

function contract(outputs: Readonly<Record<string, tf.Tensor>>, fixture: Fixture): tf.Scalar {
  let total = tf.scalar(0);
  for (const [name, cotangent] of fixture.group('cotangents')) {
    const output = outputs[name];
    if (output === undefined) throw new Error(`There is no output to weigh by cotangents.${name}.`);
    total = tf.add(total, tf.sum(tf.mul(output, toTensor(cotangent))));
  }
  return total;
}
