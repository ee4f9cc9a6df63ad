/** What holds for every component that computes tensors from tensors, whatever its kind. */
import * as tf from '@tensorflow/tfjs-core';
import { Module, type Mode } from '../module';
import { assert, assertEqual, assertFinite, assertSame, assertShape } from './assert';
import { gradientsOf } from './gradients';
import type { Runner } from './runner';

/** An instance with what to feed it and what to expect. */
export interface Subject {
  /** What was made for this subject and is freed after the test: inputs and stand-ins for other components. */
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly instance: object;
  /** Modules beside the instance that are freed with it. */
  readonly helpers?: readonly Module[];
  /** All differentiable outputs, by name. */
  run(mode: Mode): Readonly<Record<string, tf.Tensor>>;
  /** Expected shape of every output; null = any. */
  readonly shapes: Readonly<Record<string, readonly number[] | null>>;
  /** Inputs that may be left without a gradient. */
  readonly optionalGradients?: readonly string[];
}

export interface TensorContract {
  /** A fresh subject; the same seed must give the same one. */
  make(seed: number): Subject;
  /** Names of parameters that get no gradient by design. */
  readonly detached: readonly string[];
}

const MODES: readonly Mode[] = [
  { training: false, step: 0 },
  { training: true, step: 3 },
];

const modeName = (mode: Mode): string => (mode.training ? 'in training' : 'in evaluation');

function parametersOf(instance: object): ReadonlyMap<string, tf.Variable> {
  return instance instanceof Module ? instance.namedParameters() : new Map();
}

/** Makes a subject, hands it over and frees it. */
export function withSubject<T>(contract: TensorContract, seed: number, body: (subject: Subject) => T): T {
  const subject = contract.make(seed);
  try {
    return body(subject);
  } finally {
    free(subject);
  }
}

function free(subject: Subject): void {
  tf.dispose(Object.values(subject.inputs));
  if (subject.instance instanceof Module) subject.instance.dispose();
  subject.helpers?.forEach((helper) => helper.dispose());
}

/** Outputs as tensors that outlive the forward pass. */
export function outputsOf(subject: Subject, mode: Mode): Record<string, tf.Tensor> {
  return tf.tidy(() => ({ ...subject.run(mode) }));
}

export function testTensors(contract: TensorContract, { it }: Runner): void {
  for (const mode of MODES) {
    it(`gives outputs of the right shapes, finite, ${modeName(mode)}`, async () => {
      withSubject(contract, 1, (subject) => {
        const outputs = outputsOf(subject, mode);
        for (const [name, shape] of Object.entries(subject.shapes)) {
          const output = outputs[name]!;
          assertShape(output, shape ?? output.shape, name);
          assertEqual(output.dtype, 'float32', `The type of ${name}`);
          assertFinite(output, name);
        }
        tf.dispose(outputs);
      });
    });
  }

  it('has finite gradients, through everything that should have one', async () => {
    withSubject(contract, 1, (subject) => testGradients(contract, subject));
  });

  it('does the same twice: nothing but the seed, the mode and the inputs decides', async () => {
    for (const mode of MODES) {
      const [first, again, other] = withSubject(contract, 1, (subject) => [
        outputsOf(subject, mode),
        outputsOf(subject, mode),
        withSubject(contract, 1, (twin) => outputsOf(twin, mode)),
      ]);
      for (const [name, output] of Object.entries(first!)) {
        assertSame(output, again![name]!, name, `from one call to the next ${modeName(mode)}`);
        assertSame(output, other![name]!, name, `between two instances of one seed ${modeName(mode)}`);
      }
      tf.dispose([first, again, other] as never);
    }
  });

  it('leaks no tensor', async () => testLeaks(contract));

  it('is wholly described by its named parameters: saved and loaded it gives the same', async () => {
    testSaveAndLoad(contract);
  });
}

function testGradients(contract: TensorContract, subject: Subject): void {
  const parameters = parametersOf(subject.instance);
  const targets = [...Object.entries(subject.inputs), ...parameters];
  for (const mode of MODES) {
    const grads = gradientsOf(
      () => Object.values(subject.run(mode)),
      targets.map(([, tensor]) => tensor),
    );
    targets.forEach(([name, tensor], i) => {
      const grad = grads[i] ?? null;
      const kind = parameters.get(name) === tensor ? 'the parameter' : 'the input';
      const optional = contract.detached.includes(name) || (subject.optionalGradients ?? []).includes(name);
      assert(grad !== null || optional, `No gradient reaches ${kind} "${name}" ${modeName(mode)}.`);
      if (grad === null) return;
      assertShape(grad, tensor.shape, `the gradient of ${kind} "${name}"`);
      assertFinite(grad, `The gradient of ${kind} "${name}" ${modeName(mode)}`);
    });
    const any = grads.some((grad) => grad !== null);
    assert(any || parameters.size === 0, `No gradient reaches anything ${modeName(mode)}.`);
    tf.dispose(grads.filter((grad) => grad !== null));
  }
}

function testLeaks(contract: TensorContract): void {
  const atStart = tf.memory().numTensors;
  const subject = contract.make(1);
  const step = (mode: Mode): void => {
    tf.dispose(outputsOf(subject, mode));
    const tensors = [...Object.values(subject.inputs), ...parametersOf(subject.instance).values()];
    tf.dispose(gradientsOf(() => Object.values(subject.run(mode)), tensors).filter((grad) => grad !== null));
  };
  MODES.forEach(step); // what it keeps for later calls, it keeps now
  const before = tf.memory().numTensors;
  MODES.forEach(step);
  const grown = tf.memory().numTensors - before;
  assert(grown === 0, `A forward and backward pass leaves ${grown / MODES.length} tensors behind.`);
  free(subject);
  const left = tf.memory().numTensors - atStart;
  assert(left === 0, `After dispose() ${left} tensors are left.`);
}

function testSaveAndLoad(contract: TensorContract): void {
  const registered = new Set(Object.values(tf.engine().state.registeredVariables));
  withSubject(contract, 1, (subject) => {
    const named = parametersOf(subject.instance);
    const own = new Set<tf.Variable>([
      ...named.values(),
      ...(subject.helpers ?? []).flatMap((one) => [...parametersOf(one).values()]),
    ]);
    const hidden = Object.values(tf.engine().state.registeredVariables).filter(
      (variable) => !registered.has(variable) && !own.has(variable),
    );
    assert(
      hidden.length === 0,
      `It makes ${hidden.length} variables that are no named parameters (the first has the shape ` +
        `[${String(hidden[0]?.shape)}]): declare them with this.parameter(), else they are not saved.`,
    );
    for (const [name, parameter] of named) {
      assertEqual(parameter.dtype, 'float32', `The type of the parameter "${name}"`);
      assertFinite(parameter, `The parameter "${name}" of a fresh instance`);
      tf.tidy(() => parameter.assign(tf.add(parameter, 0.01))); // as if trained
    }
    for (const step of [0, 1]) tf.dispose(outputsOf(subject, { training: true, step })); // nor do calls leave traces
    withSubject(contract, 1, (loaded) => {
      const target = parametersOf(loaded.instance);
      assertEqual([...target.keys()], [...named.keys()], 'The names of the parameters of two instances');
      for (const [name, parameter] of target) {
        assertShape(parameter, named.get(name)!.shape, `the parameter "${name}" of another instance`);
        parameter.assign(named.get(name)!);
      }
      for (const mode of MODES) {
        const [saved, restored] = [outputsOf(subject, mode), outputsOf(loaded, mode)];
        for (const [name, output] of Object.entries(saved)) {
          assertSame(
            output,
            restored[name]!,
            name,
            `once its parameters are loaded into a new instance ${modeName(mode)}`,
          );
        }
        tf.dispose([saved, restored] as never);
      }
    });
  });
}
