import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { component, type ComponentClass } from '../component';
import type { Callback, CallbackState, TrainingRun } from '../contracts/callback';
import type { Dataset, RawRecord, Sample, SplitName } from '../contracts/data';
import type { EvaluationContext, Evaluator } from '../contracts/evaluation';
import type { Architecture, ModelParts, ObjQueries, Pooling } from '../contracts/model';
import type { Loss, LossInputs, Reduction } from '../contracts/loss';
import type { LrPlan, LrScheduler, NamedTensors, Optimizer, Tracker } from '../contracts/training';
import type { ComponentKind } from '../kinds';
import { Module, type Mode, type NamedParameters } from '../module';
import type { RandomSource } from '../random';
import { DIMENSIONS, inject, OPTIONS, RANDOM } from '../tokens';
import { failuresOf } from './run-contract';
import { createForTest, testComponent, testOptions, type ComponentTest } from './index';

const contract = (componentClass: ComponentClass, test: ComponentTest = {}): Promise<Record<string, string>> =>
  failuresOf((runner) => testComponent(componentClass, { ...test, runner }));

const options = z.strictObject({ num_objects: z.int().positive().default(3).describe('slots per image') });
const of = (kind: ComponentKind, schema: z.ZodObject = z.strictObject({})) =>
  component({ kind, name: 'sample', summary: 'A component', options: schema });

/** A component that keeps the contract; the broken ones below differ from it in one thing. */
@of('obj_queries', options)
class Queries extends Module implements ObjQueries {
  readonly numObjects: number;
  readonly tokens: tf.Variable<tf.Rank.R3>;

  constructor(
    @inject(OPTIONS) { num_objects }: z.infer<typeof options>,
    @inject(DIMENSIONS) { embedDim }: { embedDim: number },
    @inject(RANDOM) readonly random: RandomSource,
  ) {
    super();
    this.numObjects = num_objects;
    this.tokens = this.parameter<tf.Rank.R3>('tokens', [1, 1, embedDim], ([, , c]) =>
      random.stream('init').normals(c!),
    );
  }

  queries(features: tf.Tensor3D, mode: Mode, numObjects = this.numObjects): tf.Tensor3D {
    const noise = mode.training ? this.random.stream('noise', mode.step).normal() : 0;
    return tf.add(tf.tile(this.tokens, [features.shape[0], numObjects, 1]), noise);
  }
}

test('a good component passes', async () => {
  expect(await contract(Queries)).toEqual({});
});

const SHAPES = /outputs of the right shapes/;
const GRADIENTS = /has finite gradients/;
const TWICE = /does the same twice/;
const LEAKS = /leaks no tensor/;
const SAVED = /saved and loaded/;
const RECORDED = /can be recorded/;

/** Exactly one test fails: its name and message. */
async function onlyFailure(componentClass: ComponentClass, name: RegExp, message: RegExp): Promise<void> {
  const failures = await contract(componentClass);
  expect(Object.keys(failures)).toEqual(Object.keys(failures).filter((failed) => name.test(failed)));
  expect(Object.values(failures)[0]).toMatch(message);
}

test('a tensor kept at every call is a leak', async () => {
  @of('obj_queries', options)
  class Leaky extends Queries {
    override queries(...args: Parameters<Queries['queries']>): tf.Tensor3D {
      tf.keep(tf.scalar(1));
      return super.queries(...args);
    }
  }
  await onlyFailure(Leaky, LEAKS, /leaves 2 tensors behind/);
});

test('a tensor that dispose() forgets is a leak', async () => {
  @of('obj_queries', options)
  class Forgetful extends Queries {
    readonly table = tf.keep(tf.scalar(1));
  }
  await onlyFailure(Forgetful, LEAKS, /After dispose\(\) 1 tensors are left/);
});

test('a loop that reads whether to go on cannot be recorded', async () => {
  @of('obj_queries', options)
  class Reading extends Queries {
    override queries(...args: Parameters<Queries['queries']>): tf.Tensor3D {
      let queries = super.queries(...args);
      const away = (): number => tf.max(tf.abs(queries)).dataSync()[0]!;
      while (away() > 0.5) queries = tf.mul(queries, 0.9);
      return queries;
    }
  }
  await onlyFailure(Reading, RECORDED, /With mode\.recording it reads values .* \d+ times.*tf\.where/);
});

test('what is recorded has to be what is computed otherwise', async () => {
  @of('obj_queries', options)
  class OneStep extends Queries {
    override queries(...args: Parameters<Queries['queries']>): tf.Tensor3D {
      const queries = super.queries(...args);
      return args[1].recording === true ? tf.mul(queries, 0.9) : queries;
    }
  }
  await onlyFailure(OneStep, RECORDED, /queries differs by .* with mode\.recording/);
});

test('an architecture that does not hand on mode.recording', async () => {
  @of('architecture')
  class Forgets implements Architecture {
    readonly usesObjects = false;
    forward({ backbone, globalFn, globalProj }: ModelParts, images: tf.Tensor4D, { attention = false }: Mode) {
      const mode = { training: false, step: 0, attention };
      const { features, pooled, attention: maps } = backbone.forward(images, mode);
      const fGlobal = globalFn.forward(pooled, mode);
      const pGlobal = globalProj.forward(fGlobal, mode);
      const outputs = { fBackbone: features, fGlobal, pGlobal, fSlots: null, pSlots: null };
      return maps === undefined ? outputs : { ...outputs, attention: { backbone: maps, objects: [] } };
    }
  }
  await onlyFailure(Forgets, /tells the parts/, /mode\.recording does not reach every part/);
});

test('Math.random is not determinism', async () => {
  @of('obj_queries', options)
  class Random extends Queries {
    override queries(...args: Parameters<Queries['queries']>): tf.Tensor3D {
      return tf.add(super.queries(...args), Math.random());
    }
  }
  const failures = await contract(Random);
  expect(Object.entries(failures).find(([name]) => TWICE.test(name))?.[1]).toMatch(/from one call to the next/);
});

test('a seed of its own is not determinism', async () => {
  let instances = 0;
  @of('obj_queries', options)
  class Counting extends Queries {
    readonly shift = instances++;

    override queries(...args: Parameters<Queries['queries']>): tf.Tensor3D {
      return tf.add(super.queries(...args), this.shift);
    }
  }
  const failures = await contract(Counting);
  expect(Object.entries(failures).find(([name]) => TWICE.test(name))?.[1]).toMatch(/between two instances of one seed/);
});

test('a gradient that is not a number', async () => {
  @of('obj_queries', options)
  class Singular extends Queries {
    override queries(...args: Parameters<Queries['queries']>): tf.Tensor3D {
      const queries = super.queries(...args);
      return tf.add(queries, tf.mul(tf.sqrt(tf.sub(queries, queries)), 0));
    }
  }
  await onlyFailure(Singular, GRADIENTS, /The gradient of the parameter "tokens" in evaluation is not finite/);
});

test('a gradient that does not arrive', async () => {
  @of('obj_queries', options)
  class Idle extends Queries {
    readonly unused = this.parameter('unused', [2], () => new Float32Array(2));
  }
  await onlyFailure(Idle, GRADIENTS, /No gradient reaches the parameter "unused"/);
  expect(await contract(Idle, { detached: ['unused'] })).toEqual({});
});

test('a wrong shape', async () => {
  @of('obj_queries', options)
  class Transposed extends Queries {
    override queries(...args: Parameters<Queries['queries']>): tf.Tensor3D {
      return tf.transpose(super.queries(...args), [0, 2, 1]);
    }
  }
  const failures = await contract(Transposed);
  expect(Object.keys(failures).filter((name) => SHAPES.test(name))).toHaveLength(2);
  expect(Object.values(failures)[0]).toBe('The shape of queries: expected [4,3,8], got [4,8,3].');
});

test('a variable beside the named parameters', async () => {
  @of('obj_queries', options)
  class Hidden extends Queries {
    readonly own = tf.variable(tf.scalar(1));

    override dispose(): void {
      super.dispose();
      this.own.dispose();
    }
  }
  const failures = await contract(Hidden);
  expect(Object.entries(failures).find(([name]) => SAVED.test(name))?.[1]).toMatch(/1 variables that are no named/);
});

test('state beside the parameters: what training leaves behind and evaluation uses', async () => {
  @of('obj_queries', options)
  class Counting extends Queries {
    #trained = 0;

    override queries(features: tf.Tensor3D, mode: Mode, numObjects?: number): tf.Tensor3D {
      const queries = super.queries(features, mode, numObjects);
      if (mode.training) this.#trained++;
      return mode.training ? queries : tf.add(queries, this.#trained);
    }
  }
  await onlyFailure(Counting, SAVED, /differs once its parameters are loaded into a new instance in evaluation/);
});

test.each([
  ['a loose schema', z.object({}), /takes unknown options/],
  ['no description', z.strictObject({ size: z.number().default(1) }), /"size" has no description/],
  ['no default', z.strictObject({ size: z.number().describe('a size') }), /"size" has no default/],
  [
    'options that JSON cannot hold',
    z.strictObject({ size: z.number().default(Infinity).or(z.literal(Infinity)).describe('a size') }),
    /The options after a trip through JSON/,
  ],
])('options with %s', async (_, schema, message) => {
  @of('tracker', schema)
  class Odd implements Tracker {
    async start(): Promise<void> {}
    async log(): Promise<void> {}
    async finish(): Promise<void> {}
  }
  const failures = await contract(Odd);
  expect(Object.values(failures).some((failure) => message.test(failure))).toBe(true);
});

test('a class that is no component', () => {
  expect(() => testComponent(class Plain {}, { runner: { describe, it } })).toThrow('Plain is not a component');
});

test('a pooling that looks at one token only passes; one that averages the batch does not', async () => {
  @of('pooling')
  class First implements Pooling {
    readonly usesClassToken = false;
    pool(patchTokens: tf.Tensor3D): tf.Tensor2D {
      return tf.mean(patchTokens, 1);
    }
  }
  @of('pooling')
  class Batch extends First {
    override pool(patchTokens: tf.Tensor3D): tf.Tensor2D {
      return tf.mean(patchTokens, 0);
    }
  }
  expect(await contract(First)).toEqual({});
  expect(Object.values(await contract(Batch))[0]).toBe('The shape of pooled: expected [4,8], got [6,8].');
});

/** SGD with momentum. */
@of('optimizer')
class Momentum implements Optimizer {
  protected readonly moments = new Map<string, tf.Variable>();

  step(parameters: NamedParameters, gradients: NamedTensors, learningRate: number): void {
    for (const [name, gradient] of gradients) {
      let moment = this.moments.get(name);
      if (moment === undefined) this.moments.set(name, (moment = tf.tidy(() => tf.variable(tf.zerosLike(gradient)))));
      tf.tidy(() => {
        moment.assign(tf.add(tf.mul(moment, 0.9), gradient));
        const parameter = parameters.get(name)!;
        parameter.assign(tf.sub(parameter, tf.mul(moment, learningRate)));
      });
    }
  }

  state(): NamedTensors {
    return this.moments;
  }

  loadState(state: NamedTensors): void {
    this.dispose();
    for (const [name, tensor] of state)
      this.moments.set(
        name,
        tf.tidy(() => tf.variable(tf.clone(tensor))),
      );
  }

  dispose(): void {
    tf.dispose([...this.moments.values()]);
    this.moments.clear();
  }
}

test('optimizers: a good one, one that forgets its state, one that climbs', async () => {
  @of('optimizer')
  class Forgetful extends Momentum {
    override loadState(state: NamedTensors): void {
      super.loadState(state);
      for (const moment of this.moments.values()) tf.tidy(() => moment.assign(tf.zerosLike(moment)));
    }
  }
  @of('optimizer')
  class Climber extends Momentum {
    override step(parameters: NamedParameters, gradients: NamedTensors, learningRate: number): void {
      super.step(parameters, gradients, -learningRate);
    }
  }
  @of('optimizer')
  class Greedy extends Momentum {
    override step(parameters: NamedParameters, gradients: NamedTensors, learningRate: number): void {
      super.step(parameters, gradients, learningRate);
      tf.dispose([...gradients.values()]);
    }
  }
  expect(await contract(Momentum)).toEqual({});
  expect(Object.keys(await contract(Forgetful))).toEqual(['goes on to the bit after its state is saved and loaded']);
  expect(Object.keys(await contract(Climber))).toEqual(['minimises: the distance to a target falls']);
  expect(Object.values(await contract(Greedy))).toContainEqual(expect.stringMatching(/disposed the gradient/));
});

test('losses: a good one, one whose mean is no mean, one that is cut off', async () => {
  @of('loss')
  class Square implements Loss {
    readonly usesObjects = false;
    compute({ outputs: { pGlobal } }: LossInputs, reduction: Reduction): tf.Tensor {
      const each = tf.mean(tf.square(pGlobal), 1);
      return reduction === 'none' ? each : reduction === 'sum' ? tf.sum(each) : tf.mean(each);
    }
  }
  @of('loss')
  class Doubled extends Square {
    override compute(inputs: LossInputs, reduction: Reduction): tf.Tensor {
      return reduction === 'mean' ? tf.mul(super.compute(inputs, 'mean'), 2) : super.compute(inputs, reduction);
    }
  }
  @of('loss')
  class Cut extends Square {
    override compute(inputs: LossInputs, reduction: Reduction): tf.Tensor {
      const shape = super.compute(inputs, reduction).shape;
      return tf.ones(shape);
    }
  }
  expect(await contract(Square)).toEqual({});
  expect(Object.values(await contract(Doubled))).toEqual([expect.stringMatching(/the mean of "none" is/)]);
  expect(Object.values(await contract(Cut))).toContainEqual('No gradient reaches any of the outputs.');
});

test('schedules: a good one, one that goes below 0, one that counts its calls', async () => {
  @of('lr_scheduler')
  class Constant implements LrScheduler {
    readonly epochs = 4;
    learningRate(_step: number, plan: LrPlan): number {
      return plan.startLr;
    }
  }
  @of('lr_scheduler')
  class Falling extends Constant {
    override learningRate(step: number, plan: LrPlan): number {
      return plan.startLr - step * 1e-4;
    }
  }
  @of('lr_scheduler')
  class Counting extends Constant {
    #calls = 0;
    override learningRate(step: number, plan: LrPlan): number {
      return super.learningRate(step, plan) / ++this.#calls;
    }
  }
  expect(await contract(Constant)).toEqual({});
  expect(Object.keys(await contract(Falling))).toEqual([expect.stringMatching(/never below 0/)]);
  expect(Object.keys(await contract(Counting))).toEqual([expect.stringMatching(/not on the calls before/)]);
});

test('architectures: a good one, and one that leaves the projection out', async () => {
  @of('architecture')
  class Global implements Architecture {
    readonly usesObjects: boolean = false;
    forward({ backbone, globalFn, globalProj }: ModelParts, images: tf.Tensor4D, mode: Mode) {
      const { features, pooled, attention } = backbone.forward(images, mode);
      const fGlobal = globalFn.forward(pooled, mode);
      return {
        fBackbone: features,
        fGlobal,
        pGlobal: globalProj.forward(fGlobal, mode),
        fSlots: null,
        pSlots: null,
        ...(attention === undefined ? {} : { attention: { backbone: attention, objects: [] } }),
      };
    }
  }
  @of('architecture')
  class Claims extends Global {
    override readonly usesObjects = true;
  }
  expect(await contract(Global)).toEqual({});
  expect(Object.values(await contract(Claims))).toContainEqual('Whether fSlots is there: expected true, got false.');
});

test('createForTest takes options, sizes and a seed, and refuses wrong options', () => {
  const queries = createForTest<Queries>(Queries, {
    options: { num_objects: 5 },
    dimensions: { embedDim: 2 },
    seed: 3,
  });
  expect(queries.numObjects).toBe(5);
  expect(queries.tokens.shape).toEqual([1, 1, 2]);
  queries.dispose();
  expect(() => createForTest(Queries, { options: { num_object: 5 } })).toThrow(/did you mean num_objects\?/);
});

test('testOptions tells valid from invalid options', async () => {
  const failures = await failuresOf((runner) =>
    testOptions(Queries, {
      valid: [{}, { num_objects: 0 }],
      invalid: [
        { options: { num_objects: -1 }, message: /"num_objects"/ },
        { options: { num_objects: 4 }, message: /./ },
        { options: { slots: 4 }, message: /nothing of the kind/ },
      ],
      runner,
    }),
  );
  expect(Object.keys(failures)).toEqual([
    'takes {"num_objects":0}',
    'refuses {"num_objects":4}',
    'refuses {"slots":4}',
  ]);
});

/** Three grey images a split, in memory. */
@of('dataset')
class Greys implements Dataset {
  async prepare(): Promise<void> {}

  async size(): Promise<number> {
    return 3;
  }

  async *records(_split: SplitName, from = 0): AsyncGenerator<RawRecord> {
    for (let index = from; index < 3; index++) {
      yield { bytes: Uint8Array.of(index), file: 'memory', index, offset: index };
    }
  }

  decode({ bytes }: RawRecord): Sample {
    return { image: new Uint8Array(2 * 4 * 3).fill(bytes[0]!), height: 2, width: 4 };
  }
}

test('data sets: a good one, one that ignores where to start, one that decodes half an image', async () => {
  @of('dataset')
  class Restarting extends Greys {
    override records(split: SplitName): AsyncGenerator<RawRecord> {
      return super.records(split);
    }
  }
  @of('dataset')
  class Half extends Greys {
    override decode(record: RawRecord): Sample {
      return { ...super.decode(record), height: 1 };
    }
  }
  expect(await contract(Greys)).toEqual({});
  const restarting = Object.keys(await contract(Restarting));
  expect(restarting).toEqual(
    ['train', 'val', 'test'].map((split) => `starts reading the ${split} split at any record`),
  );
  expect(Object.values(await contract(Half))[0]).toBe(
    'Bytes of the image of record 0 of memory, 1x4x3: expected 12, got 24.',
  );
});

/** Mean of the global representation over all images. */
@of('evaluator')
class Level implements Evaluator {
  readonly metrics: Evaluator['metrics'] = { 'test/level': { label: 'Level', better: null } };

  async evaluate({ model, samples }: EvaluationContext): Promise<Record<string, number>> {
    let [sum, count] = [0, 0];
    for await (const { image } of samples()) {
      const level = tf.tidy(() => {
        const images = tf.tensor4d(image, [1, 3, ...model.dimensions.imageSize]);
        return tf.mean(model.forward(images, { training: false, step: 0 }).fGlobal).dataSync()[0]!;
      });
      sum += level;
      count++;
    }
    return { 'test/level': sum / count };
  }
}

test('evaluators: a good one, and ones that break a rule', async () => {
  @of('evaluator')
  class Counting extends Level {
    override readonly metrics = { 'test/calls': { label: 'Calls', better: null } };
    #calls = 0;
    override async evaluate(): Promise<Record<string, number>> {
      return { 'test/calls': this.#calls++ };
    }
  }
  @of('evaluator')
  class FirstBatch extends Level {
    override async evaluate(context: EvaluationContext): Promise<Record<string, number>> {
      async function* first(): AsyncGenerator<never> {
        let left = context.batchSize;
        for await (const sample of context.samples()) if (left-- > 0) yield sample as never;
      }
      return super.evaluate({ ...context, samples: first });
    }
  }
  @of('evaluator')
  class Leaky extends Level {
    override async evaluate(context: EvaluationContext): Promise<Record<string, number>> {
      tf.keep(tf.scalar(1));
      return super.evaluate(context);
    }
  }
  @of('evaluator')
  class NeedsSlots extends Level {
    override async evaluate(context: EvaluationContext): Promise<Record<string, number>> {
      if (!context.model.usesObjects) return { 'test/level': NaN };
      return super.evaluate(context);
    }
  }
  @of('evaluator')
  class Unnamed extends Level {
    override readonly metrics = { 'test/other': { label: 'Other', better: 'higher' } } as const;
  }
  @of('evaluator')
  class Wrong extends Level {
    override readonly metrics = { 'test/level': { label: 'Level', better: 'max' } } as never;
  }
  expect(await contract(Level)).toEqual({});
  const says = 'says of every metric what it is called and in which direction it is better';
  expect(await contract(Unnamed)).toEqual({ [says]: 'The metric test/level is not described in "metrics".' });
  expect(await contract(Wrong)).toEqual({ [says]: expect.stringContaining('not "max"') as string });
  const failures = Object.entries(await contract(Counting));
  expect(failures).toContainEqual([
    'measures the same whenever it is asked, and in another instance',
    expect.stringMatching(/second evaluation/),
  ]);
  expect(failures).toContainEqual(['runs the model in evaluation', 'The model was never called.']);
  expect(Object.keys(await contract(FirstBatch))).toEqual(['measures the same in batches of any size']);
  expect(Object.keys(await contract(Leaky))).toEqual(['leaks no tensor']);
  expect(Object.keys(await contract(NeedsSlots))).toEqual([
    'measures a model without slots, or says in check() that it cannot',
  ]);
});

/** Scales gradients by a factor that falls from step to step. */
@of('callback')
class Falling implements Callback {
  protected factor = 1;

  onGradients(_: TrainingRun, gradients: Map<string, tf.Tensor>): void {
    for (const [name, gradient] of gradients) {
      gradients.set(
        name,
        tf.tidy(() => tf.mul(gradient, this.factor)),
      );
      gradient.dispose();
    }
  }

  onStepEnd(): void {
    this.factor *= 0.9;
  }

  state(): CallbackState {
    return { values: { factor: this.factor } };
  }

  loadState({ values }: CallbackState): void {
    this.factor = (values as { factor: number }).factor;
  }
}

test('callbacks: a good one, and ones that break a rule', async () => {
  @of('callback')
  class Forgetful extends Falling {
    override loadState(): void {}
  }
  @of('callback')
  class Mistyped extends Falling {
    onEpochEnded(): void {}
  }
  @of('callback')
  class Leaky extends Falling {
    override onStepEnd(): void {
      tf.keep(tf.scalar(1));
    }
  }
  @of('callback')
  class Unsavable extends Falling {
    override state(): CallbackState {
      return { values: { factor: NaN } };
    }
  }
  @of('callback')
  class NeedsSlots extends Falling {
    onForward(_: TrainingRun, { fSlots }: { readonly fSlots: tf.Tensor3D | null }): void {
      fSlots!.dataSync();
    }
  }
  @of('callback')
  class Careless extends Falling {
    override onGradients(_: TrainingRun, gradients: Map<string, tf.Tensor>): void {
      for (const gradient of gradients.values()) gradient.dispose();
    }
  }
  @of('callback')
  class Keeper extends Falling {
    #kept: tf.Tensor | undefined;
    onStart(): void {
      this.#kept = tf.keep(tf.scalar(1));
    }
    kept(): tf.Tensor | undefined {
      return this.#kept;
    }
  }
  const RESUMED = 'goes on to the bit after its state is saved and loaded, wherever a run is stopped';
  expect(await contract(Falling)).toEqual({});
  expect(await contract(Forgetful)).toEqual({
    [RESUMED]: expect.stringMatching(
      /The parameters ".*" differs of a run that was stopped after 1 of 9 events/,
    ) as string,
  });
  expect(await contract(Mistyped)).toEqual({
    'has no method that is named like a moment and is none':
      'It has onEpochEnded. The moments of a run are onStart, onForward, onGradients, onStepEnd, onEpochEnd, onEvaluationEnd, onEnd.',
  });
  expect(await contract(Leaky)).toEqual({ 'leaks no tensor': 'A second epoch leaves 2 tensors behind.' });
  expect(Object.values(await contract(Unsavable))[0]).toMatch(/^The values of the state after a trip through JSON/);
  expect(await contract(NeedsSlots)).toEqual({
    'works on a model without slots, and where there is nothing to measure or to draw, or says that it cannot':
      expect.stringContaining('null') as string,
  });
  expect(Object.values(await contract(Careless))[0]).toMatch(/^onGradients disposed the gradient of/);
  expect(await contract(Keeper)).toEqual({ 'leaks no tensor': 'After dispose() 1 tensors are left.' });
});
