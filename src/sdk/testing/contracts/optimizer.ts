import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors, Optimizer } from '../../contracts/training';
import { assert, assertEqual, assertFinite, assertSame } from '../assert';
import { randomTensor } from '../gradients';
import type { ContractContext } from './context';

type Parameters = Map<string, tf.Variable>;
type Owned = Map<string, tf.Tensor>;

const LEARNING_RATE = 0.01;
const SHAPES: Readonly<Record<string, readonly number[]>> = { 'layer.weight': [3, 4], 'layer.bias': [3], scale: [] };

function freshParameters(): Parameters {
  return new Map(
    Object.entries(SHAPES).map(([name, shape], i) => [name, tf.tidy(() => tf.variable(randomTensor(shape, 31 + i)))]),
  );
}

function gradientsAt(step: number): Owned {
  return new Map(Object.entries(SHAPES).map(([name, shape], i) => [name, randomTensor(shape, 100 + 10 * step + i)]));
}

function copiesOf(tensors: NamedTensors): Owned {
  return new Map([...tensors].map(([name, tensor]) => [name, tf.clone(tensor)]));
}

const free = (...maps: readonly NamedTensors[]): void => maps.forEach((map) => tf.dispose([...map.values()]));

/** Steps `from` to `to` with the gradients of {@link gradientsAt}. */
function steps(optimizer: Optimizer, parameters: Parameters, from: number, to: number): void {
  for (let step = from; step < to; step++) {
    const gradients = gradientsAt(step);
    optimizer.step(parameters, gradients, LEARNING_RATE);
    for (const [name, gradient] of gradients) {
      assert(!gradient.isDisposed, `step() disposed the gradient of "${name}", which is not its own.`);
    }
    free(gradients);
  }
}

function assertSameParameters(a: NamedTensors, b: NamedTensors, circumstances: string): void {
  for (const [name, tensor] of a) assertSame(tensor, b.get(name)!, `The parameter "${name}"`, circumstances);
}

export function optimizerContract(context: ContractContext): void {
  const { it } = context.runner;
  const make = (): Optimizer => context.make<Optimizer>(1);

  it('updates every parameter that has a gradient, in place, and leaves the others as they are', async () => {
    const [optimizer, parameters] = [make(), freshParameters()];
    const before = copiesOf(parameters);
    const gradients = gradientsAt(0);
    gradients.get('scale')!.dispose();
    gradients.delete('scale');
    optimizer.step(parameters, gradients, LEARNING_RATE);
    for (const [name, parameter] of parameters) {
      assertFinite(parameter, `The parameter "${name}" after a step`);
      assertEqual(parameter.shape, before.get(name)!.shape, `The shape of "${name}" after a step`);
      const moved = tf.tidy(() => tf.max(tf.abs(tf.sub(parameter, before.get(name)!))).dataSync()[0]!);
      if (name === 'scale') assert(moved === 0, `"${name}" has no gradient and was changed by ${moved}.`);
      else assert(moved > 0, `"${name}" was not changed.`);
    }
    free(parameters, before, gradients);
    optimizer.dispose();
  });

  it('minimises: the distance to a target falls', async () => {
    const optimizer = make();
    const x = tf.tidy(() => tf.variable(randomTensor([8], 41)));
    const distance = (): number => tf.tidy(() => tf.sum(tf.square(x)).dataSync()[0]!);
    const atStart = distance();
    for (let step = 0; step < 100; step++) {
      const gradient = tf.tidy(() => tf.mul(x, 2));
      optimizer.step(new Map([['x', x]]), new Map([['x', gradient]]), LEARNING_RATE);
      gradient.dispose();
    }
    const atEnd = distance();
    assert(
      atEnd < atStart,
      `After 100 steps at ${LEARNING_RATE} the squared distance went from ${atStart} to ${atEnd}.`,
    );
    x.dispose();
    optimizer.dispose();
  });

  it('does the same twice', async () => {
    const runs = [0, 1].map(() => {
      const [optimizer, parameters] = [make(), freshParameters()];
      steps(optimizer, parameters, 0, 3);
      optimizer.dispose();
      return parameters;
    });
    assertSameParameters(runs[0]!, runs[1]!, 'between two runs');
    free(...runs);
  });

  it('goes on to the bit after its state is saved and loaded', async () => {
    const [optimizer, parameters] = [make(), freshParameters()];
    assertEqual([...optimizer.state().keys()], [], 'The state before the first step');
    steps(optimizer, parameters, 0, 3);
    const saved = copiesOf(optimizer.state());
    const resumed = make();
    const resumedParameters: Parameters = new Map(
      [...parameters].map(([name, tensor]) => [name, tf.tidy(() => tf.variable(tf.clone(tensor)))]),
    );
    for (const [name, tensor] of saved) assertFinite(tensor, `The state "${name}"`);
    resumed.loadState(saved);
    free(saved); // they were to be copied
    assertEqual(
      [...resumed.state().keys()].sort(),
      [...optimizer.state().keys()].sort(),
      'The names of the loaded state',
    );
    steps(optimizer, parameters, 3, 6);
    steps(resumed, resumedParameters, 3, 6);
    assertSameParameters(parameters, resumedParameters, 'once the state is loaded into a new optimizer');
    free(parameters, resumedParameters);
    optimizer.dispose();
    resumed.dispose();
  });

  it('leaks no tensor', async () => {
    const atStart = tf.memory().numTensors;
    const [optimizer, parameters] = [make(), freshParameters()];
    steps(optimizer, parameters, 0, 1);
    const before = tf.memory().numTensors;
    steps(optimizer, parameters, 1, 4);
    const grown = tf.memory().numTensors - before;
    assert(grown === 0, `Three steps leave ${grown} tensors behind.`);
    const state = copiesOf(optimizer.state());
    optimizer.loadState(state);
    free(state);
    assert(tf.memory().numTensors === before, `loadState() leaves ${tf.memory().numTensors - before} tensors behind.`);
    optimizer.dispose();
    free(parameters);
    const left = tf.memory().numTensors - atStart;
    assert(left === 0, `After dispose() ${left} tensors are left.`);
  });
}
