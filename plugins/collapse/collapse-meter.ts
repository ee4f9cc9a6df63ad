/** The collapse meter: how different the representations of a training batch are, and a warning where they are not. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Callback, CallbackState, Logger, ModelOutputs, StepEnd, TrainingRun } from 'osc-trainer/sdk';
import { component, inject, LOGGER, OPTIONS, z } from 'osc-trainer/sdk';
import { effectiveRank, meanPairwiseCosine, normalizedStd } from 'osc-trainer/sdk/metrics';
import { SlotHealth, slotHealthState } from './slot-health';

const schema = z.strictObject({
  step_interval: z
    .int()
    .positive()
    .nullable()
    .default(20)
    .describe('measure every so many optimizer steps; null = never, and no warning'),
  max_vectors: z
    .int()
    .min(2)
    .default(1024)
    .describe('global representations, and slots of whole images, of the batch that are measured at most'),
  map_images: z
    .int()
    .nonnegative()
    .default(16)
    .describe('images whose maps of slots are looked at after each epoch; 0 = none, and no warning'),
});

type Options = z.infer<typeof schema>;

/** What was measured of one representation. */
interface Measurement {
  readonly std: number;
  readonly rank: number;
  /** Mean cosine of two slots of an image; null for the global representation, and one slot alone. */
  readonly similarity: number | null;
  /** The standard deviation of directions that are spread evenly, `1 / √C`. */
  readonly evenStd: number;
  /** The highest rank that so many vectors of this width can have. */
  readonly maxRank: number;
}

type Representation = 'global' | 'slots';

/**
 * Where a representation counts as collapsed. In runs of `+exp=demo` with `sim` and `sim_img`, which collapse, the standard
 * deviation fell to 0.024 … 0.04 of the even one and the similarity of slots rose to 0.9998; on the plateau that the
 * contrastive losses pass and leave again they reached 0.064 and 0.9990. A rank of one is a collapse to the two ends of
 * a line, which the others do not see. See docs/decisions/collapse-meter.md.
 */
const COLLAPSED = { spread: 0.05, similarity: 0.9995, rank: 1.1 };
/** And where it does not any more: well away from there, so that one that wavers is told of once. */
const RECOVERED = { spread: 0.1, similarity: 0.999, rank: 1.2 };
/** Measurements in a row that must agree. */
const PATIENCE = 5;

const WHAT: Readonly<Record<Representation, string>> = {
  global: 'The global representation has collapsed: it is nearly the same for all images.',
  slots: 'The slots have collapsed: they are nearly the same for all images, or within each image.',
};

const HINTS: Readonly<Record<Representation, string>> = {
  global:
    'a contrastive loss if it has another one (losses/l_global=ctr), a smaller optimizer.start_lr, more lr_scheduler.warmup.epochs, a larger training.batch_size',
  slots:
    'a contrastive loss if they have another one (losses/l_objects=ctr_img), queries that start apart (model/obj_queries=sample or kmeans_euclidean), a smaller optimizer.start_lr, more lr_scheduler.warmup.epochs',
};

function isBeyond({ std, evenStd, similarity, rank, maxRank }: Measurement, limit: typeof COLLAPSED): boolean {
  return (
    std < limit.spread * evenStd ||
    (similarity !== null && similarity > limit.similarity) ||
    (maxRank > 2 && rank < limit.rank)
  );
}

function inWords({ std, evenStd, similarity, rank, maxRank }: Measurement): string {
  const ofSlots = similarity === null ? '' : `similarity of the slots of an image ${similarity.toFixed(4)}, `;
  return `std ${std.toFixed(4)} of ${evenStd.toFixed(4)}, ${ofSlots}effective rank ${rank.toFixed(1)} of ${maxRank}`;
}

const stateSchema = z.strictObject({
  inARow: z.partialRecord(z.enum(['global', 'slots']), z.int()),
  collapsed: z.array(z.enum(['global', 'slots'])),
  maps: slotHealthState.optional(), // absent in checkpoints of before
});

/** Warns after the warm-up only: untrained networks are near a collapse. */
@component({
  kind: 'callback',
  name: 'collapse',
  summary: 'Measures how different the representations are, and warns when they collapse',
  options: schema,
})
export class CollapseMeter implements Callback {
  readonly observer = true;
  #last = new Map<Representation, Measurement>();
  /** Measurements in a row that were beyond the limit. */
  #inARow = new Map<Representation, number>();
  /** Warned of, and not recovered since. */
  #collapsed = new Set<Representation>();

  readonly #health: SlotHealth;

  constructor(
    @inject(OPTIONS) private readonly options: Options,
    @inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#health = new SlotHealth(options.map_images, logger);
  }

  #isDue(step: number): boolean {
    const { step_interval: interval } = this.options;
    return interval !== null && step % interval === 0;
  }

  /** Reads the outputs at once, so that no tensor has to outlive the step. */
  onForward(run: TrainingRun, { fGlobal, fSlots }: ModelOutputs, images: tf.Tensor4D): void {
    this.#health.onForward(run, images);
    if (!this.#isDue(run.position.step)) return;
    this.#last.set('global', this.#measure(fGlobal, 1));
    if (fSlots !== null) this.#last.set('slots', this.#measure(fSlots, fSlots.shape[1]));
  }

  onStepEnd(run: TrainingRun, { step }: Pick<StepEnd, 'step'>): void {
    this.#health.onStepEnd(run, step);
    if (!this.#isDue(step)) return;
    for (const [name, measurement] of this.#last) {
      const { std, rank, similarity } = measurement;
      run.log({ [`collapse/${name}/std`]: std, [`collapse/${name}/effective_rank`]: rank });
      if (similarity !== null) run.log({ [`collapse/${name}/similarity`]: similarity });
      if (step >= run.warmupSteps) this.#judge(name, measurement, step);
    }
  }

  /** One line for people with what was measured last. */
  onEpochEnd(): void {
    this.#health.onEpochEnd();
    if (this.#last.size === 0) return;
    const parts = [...this.#last].map(([name, measurement]) => `${name} ${inWords(measurement)}`);
    this.logger.info(`Representations: ${parts.join('; ')}`);
    this.#last = new Map();
  }

  state(): CallbackState {
    const values = { inARow: Object.fromEntries(this.#inARow), collapsed: [...this.#collapsed] };
    return { values: { ...values, maps: this.#health.state() } };
  }

  loadState({ values }: CallbackState): void {
    const { inARow, collapsed, maps } = stateSchema.parse(values);
    if (maps !== undefined) this.#health.loadState(maps);
    this.#inARow = new Map(Object.entries(inARow) as [Representation, number][]);
    this.#collapsed = new Set(collapsed);
  }

  dispose(): void {
    this.#health.dispose();
  }

  #judge(name: Representation, measurement: Measurement, step: number): void {
    if (this.#collapsed.has(name)) {
      if (isBeyond(measurement, RECOVERED)) return;
      this.#collapsed.delete(name);
      this.#inARow.set(name, 0);
      this.logger.info(`Step ${step}: ${name} ${inWords(measurement)}: not collapsed any more.`);
      return;
    }
    const inARow = isBeyond(measurement, COLLAPSED) ? (this.#inARow.get(name) ?? 0) + 1 : 0;
    this.#inARow.set(name, inARow);
    if (inARow < PATIENCE) return;
    this.#collapsed.add(name);
    this.logger.warn(
      `${WHAT[name]} At step ${step}, and ${PATIENCE - 1} measurements before: ${inWords(measurement)}. ` +
        `What may help: ${HINTS[name]}.`,
    );
  }

  /** @param vectors `[rows, C]`, or `[rows, S, C]` with `perImage` S */
  #measure(vectors: tf.Tensor, perImage: number): Measurement {
    const dim = vectors.shape.at(-1)!;
    const rows = Math.min(vectors.shape[0]!, Math.max(1, Math.floor(this.options.max_vectors / perImage)));
    const values = (vectors.dataSync() as Float32Array).subarray(0, rows * perImage * dim);
    return {
      std: normalizedStd(values, dim),
      rank: effectiveRank(values, dim),
      similarity: perImage > 1 ? meanPairwiseCosine(values, perImage, dim) : null,
      evenStd: 1 / Math.sqrt(dim),
      maxRank: Math.min(rows * perImage, dim),
    };
  }
}
