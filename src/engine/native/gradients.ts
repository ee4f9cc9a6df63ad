/**
 * Gradients of the ops, as the table says them. tfjs asks for the gradient of each input on its own, and only where it is
 * needed; a kernel of ours makes them all at once. So the results are allocated when the gradient is set up, in the scope of
 * the backward pass, and filled when the first of them is asked for: one that nobody asks for is freed with that scope.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { EngineBackend } from './backend';
import { KERNEL_NAMES, parametersOf, type KernelName, type Parameter } from './library';
import { inputsOf, OPS, outputsOf } from './kernels/ops';
import { Sizes } from './kernels/sizes';

type Gradients = Record<string, () => tf.Tensor>;
type Attributes = Readonly<Record<string, unknown>>;

/** What tfjs keeps of a call, and what it makes of it. */
interface OpGradient {
  readonly inputsToSave: string[];
  readonly outputsToSave: boolean[];
  gradFunc(dy: tf.Tensor | tf.Tensor[], saved: tf.Tensor[], attrs: Attributes): Gradients;
}

/**
 * A result is allocated only if someone may want it. The gradient of an optional input is there where the input was (an
 * attribute of its name says it); any other that may be left out is made where it is the first to be asked for, as tfjs asks in
 * the order of the inputs: dx of a linear layer, which images do not need.
 */
function isMadeAtOnce({ kind, name }: Parameter, optional: ReadonlySet<string>, attrs: Attributes): boolean {
  const input = name.slice(1);
  return kind === 'out' || (optional.has(input) && attrs[input] === true);
}

function gradientOf(op: KernelName, gradient: KernelName): OpGradient {
  const [inputs, outputs] = [inputsOf(op), outputsOf(op)];
  const [read, results] = [inputsOf(gradient), outputsOf(gradient)];
  const isRead = ({ name }: Parameter): boolean => read.some((other) => other.name === name);
  const keptInputs = inputs.filter(isRead);
  const kept = [...keptInputs, ...outputs.filter(isRead)];
  const parameters = parametersOf(gradient);
  const optional = new Set(inputs.filter(({ kind }) => kind === 'inOrNull').map(({ name }) => name));

  return {
    inputsToSave: keptInputs.map(({ name }) => name),
    outputsToSave: outputs.map(isRead),
    gradFunc(dy, saved, attrs) {
      const backend = tf.backend() as EngineBackend;
      const dys = Array.isArray(dy) ? dy : [dy];
      const tensors: Record<string, tf.Tensor | undefined> = {};
      kept.forEach(({ name }, i) => (tensors[name] = saved[i]));
      outputs.forEach(({ name }, i) => (tensors[`d${name}`] = dys[i]));
      const sizes = new Sizes(gradient, parameters, attrs);
      for (const parameter of read) {
        const x = tensors[parameter.name];
        if (x) sizes.fit(parameter, x);
      }

      const make = (parameter: Parameter): tf.Tensor => {
        const info = backend.output(sizes.shape(parameter));
        return (tensors[parameter.name] = tf.engine().makeTensorFromTensorInfo(info, backend));
      };
      for (const parameter of results) if (isMadeAtOnce(parameter, optional, attrs)) make(parameter);
      const valueOf = ({ isArray, name }: Parameter): unknown =>
        isArray ? tensors[name] : (sizes.get(name) ?? attrs[name]);
      let isFilled = false;
      const gradients: Gradients = {};
      for (const parameter of results) {
        gradients[parameter.name.slice(1)] = () => {
          let tensor = tensors[parameter.name];
          if (!tensor) {
            tensor = make(parameter);
            isFilled = false;
          }
          if (!isFilled) backend.runWith(gradient, valueOf);
          isFilled = true;
          return tensor;
        };
      }
      const [first] = dys;
      for (const { kind, name } of inputs) if (first && kind === 'addedOrNull') gradients[name] = () => tf.clone(first);
      return gradients;
    },
  };
}

/** tfjs's registry of gradients is global; a gradient is used where a kernel of its name has run, so only by our engines. */
export function registerGradients(): void {
  for (const [kernel, op] of OPS) {
    const gradient = KERNEL_NAMES.find((name) => name === `${kernel}Grad`);
    if (!gradient) continue;
    const { gradFunc, ...config } = gradientOf(kernel, gradient);
    tf.registerGradient({ kernelName: op, ...config, gradFunc: gradFunc as unknown as tf.GradFunc });
  }
}
