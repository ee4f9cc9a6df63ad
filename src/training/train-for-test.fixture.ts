/** A run of the trainer on the smallest model, for tests. */
import { join } from 'node:path';
import { newestCheckpoint, type Checkpoint } from '../run';
import type { Callback, Logger, MetricPoint, Tracker } from '../sdk';
import { Callbacks } from './callbacks';
import { Objective } from './objective';
import { makeLoss, makeOptimizer, TinyModel } from './testing-model.fixture';
import { Trackers } from './trackers';
import { Trainer } from './trainer';
import type { Batches, TrainerOptions, TrainerParts, TrainOutcome } from './trainer-parts';

export const NUM_BATCHES = 4;
const imageSize = [2, 2] as const;
export const never = new AbortController().signal;

/** Lines of the log since the test began. */
export const lines: string[] = [];
const tell = (text: string): void => void lines.push(text);
export const logger: Logger = { error: tell, warn: tell, info: tell, debug: () => undefined };

/** Batch b of epoch e is a function of both; `poison` makes it NaN. */
export function batches(
  afterBatch: (epoch: number, batch: number) => void = () => undefined,
  poison?: [number, number],
): Batches {
  return {
    numSamples: NUM_BATCHES * 2,
    batchesPerEpoch: NUM_BATCHES,
    async *epoch(epoch, fromBatch = 0) {
      for (let batch = fromBatch; batch < NUM_BATCHES; batch++) {
        const value = poison?.[0] === epoch && poison[1] === batch ? NaN : 1;
        const images = Float32Array.from(
          { length: 2 * 2 * 3 * 4 },
          (_, i) => value * Math.sin(i + 7 * batch + 31 * epoch),
        );
        yield await Promise.resolve({ images, size: 2, indices: Int32Array.of(0, 1) });
        afterBatch(epoch, batch);
      }
    },
  };
}

export interface Run {
  outcome: TrainOutcome;
  logged: { metrics: Record<string, number>; point: MetricPoint }[];
  checkpoint: Checkpoint;
  /** Where this process went on logging. */
  firstPoint: MetricPoint;
}

export function listing(logged: Run['logged']): Tracker {
  return {
    start: () => Promise.resolve(),
    log: (metrics, point) => Promise.resolve(void logged.push({ metrics: { ...metrics }, point })),
    finish: () => Promise.resolve(),
  };
}

/** Callbacks by name, of the box. */
export function named(callbacks: Readonly<Record<string, Callback>> = {}): Callbacks {
  const all = Object.entries(callbacks).map(([name, callback]) => ({ name, callback, packageName: null }));
  return new Callbacks(all, logger);
}

export async function train(
  runDir: string,
  over: Partial<TrainerParts> = {},
  options: Partial<TrainerOptions> = {},
  signal = never,
  resume = false,
): Promise<Run> {
  const model = new TinyModel();
  const logged: Run['logged'] = [];
  const trainer = new Trainer(
    {
      model,
      objective: new Objective([makeLoss()]),
      optimizer: makeOptimizer(),
      scheduler: { epochs: 3, learningRate: (step) => 0.1 / (1 + step) },
      train: batches(),
      val: batches(),
      trackers: new Trackers([{ name: 'list', tracker: listing(logged) }], logger),
      callbacks: named(),
      evaluation: null,
      figures: null,
      logger,
      checkRun: () => undefined,
      progress: { start() {}, update() {}, stop() {} },
      ...over,
    },
    {
      runDir,
      name: 'test',
      imageSize,
      numEpochs: 3,
      accumulateBatches: 1,
      clipGradNorm: null,
      valInterval: 1,
      checkpointInterval: 2,
      checkpointSteps: null,
      keepCheckpoints: 2,
      plan: { startLr: 0.1, warmupSteps: 0, stepsPerEpoch: NUM_BATCHES },
      ...options,
    },
  );
  const folder = join(runDir, 'checkpoints');
  if (resume) trainer.restore(await newestCheckpoint(folder, logger));
  const { firstPoint } = trainer;
  const outcome = await trainer.run(signal);
  model.dispose();
  return { outcome, logged, firstPoint, checkpoint: await newestCheckpoint(folder, logger) };
}
