/** Whether slots do what they are for: each epoch, from their maps and masks on a few images of a training batch. */
import * as tf from '@tensorflow/tfjs-core';
import type { BatchOutputs, Logger, Mode, TrainingRun } from 'osc-trainer/sdk';
import { z } from 'osc-trainer/sdk';
import { sharedRegion } from './shared-region';
import { slotMapFigures, type SlotMapFigures } from './slot-maps';

type Complaint = 'position-only' | 'one-slot' | 'blurred' | 'shared';

/** Of the last look. */
interface Figures {
  /** Of the attention; null for an obj_fn without maps. */
  readonly maps: SlotMapFigures | null;
  /** Of masks that losses make, by key of the loss: the share of an image that two slots hold together. */
  readonly shared: ReadonlyMap<string, number>;
}

/** What is wrong beyond a limit, and well within which it is not any more, so that one that wavers is told of once. */
interface Check {
  readonly isBeyond: (figures: Figures) => boolean;
  readonly isWell: (figures: Figures) => boolean;
  readonly what: string;
  readonly hints: string;
  /** Share of the epochs before which it is not judged: until then it may still part. */
  readonly from?: number;
}

const most = ({ shared }: Figures): number => Math.max(0, ...shared.values());

/** The limits were measured: docs/decisions/collapse-meter.md. */
const CHECKS: Readonly<Record<Complaint, Check>> = {
  'position-only': {
    isBeyond: ({ maps }) => (maps?.agreement ?? 0) > 0.75,
    isWell: ({ maps }) => (maps?.agreement ?? 0) < 0.65,
    what: 'The slots divide the plane, not the image: their maps are nearly the same whatever an image shows.',
    hints:
      'losses/l_objects=sim_img with data.crop_scale=[0.1,1], queries that are no places (model/obj_queries=sample), of an objective with masks one colour a slot (losses.l_recon.color=affine)',
  },
  'one-slot': {
    isBeyond: ({ maps }) => maps !== null && maps.inUse < 1.25,
    isWell: ({ maps }) => maps === null || maps.inUse > 1.5,
    what: 'One slot takes the whole image: no other one wins a token in a hundred.',
    hints:
      'a contrastive loss of the slots (losses/l_objects=ctr_img), queries that start apart (model.obj_queries.init=xavier, model/obj_queries=sample), a smaller optimizer.start_lr',
  },
  blurred: {
    isBeyond: ({ maps }) => maps !== null && maps.perToken > Math.max(2, maps.numSlots / 3),
    isWell: ({ maps }) => maps === null || maps.perToken < Math.max(1.75, maps.numSlots / 4),
    what: 'The slots are blurred: a token belongs to many of them.',
    hints:
      'losses/l_objects=sim_img with data.crop_scale=[0.1,1] and model.obj_fn.num_iters=1, an objective with masks (+exp=scenes_recon), more epochs',
  },
  shared: {
    isBeyond: (figures) => most(figures) > 0.15,
    isWell: (figures) => most(figures) < 0.1,
    what: 'Two slots share one region, most likely the background: the masks of a loss give both a part of the same pixels.',
    hints:
      'noise of the queries for longer (model/obj_queries=learned_annealed, model.obj_queries.noise_until=0.4), a larger losses.l_recon.area_entropy (small objects may vanish), one colour a slot (losses.l_recon.color=affine), another seed (other.seed)',
    from: 1 / 3,
  },
};

/** Epochs in a row that must agree. */
const PATIENCE = 3;

const complaint = z.enum(['position-only', 'one-slot', 'blurred', 'shared']);
export const slotHealthState = z.strictObject({
  inARow: z.partialRecord(complaint, z.int()),
  told: z.array(complaint),
});

export class SlotHealth {
  /** Images of the batch at hand, `[n, 3, H, W]`; kept until its step is done. */
  #images: tf.Tensor4D | undefined;
  #last: Figures | undefined;
  readonly #inARow = new Map<Complaint, number>();
  readonly #told = new Set<Complaint>();

  /** @param maxImages 0: nothing is measured */
  constructor(
    private readonly maxImages: number,
    private readonly logger: Logger,
  ) {}

  /** In the last step of an epoch keeps some images of its first batch. */
  onForward({ position, stepsPerEpoch, model }: TrainingRun, images: tf.Tensor4D): void {
    if (this.maxImages === 0 || !model.usesObjects || (position.step + 1) % stepsPerEpoch !== 0) return;
    if (this.#images !== undefined) return;
    const count = Math.min(this.maxImages, images.shape[0] / 2); // one view of each image
    this.#images = tf.keep(tf.slice(images, 0, count));
  }

  onStepEnd(run: TrainingRun, step: number): void {
    if (this.#images === undefined) return;
    const images = this.#images;
    this.#images = undefined;
    const figures = look(run, images);
    images.dispose();
    const { maps, shared } = figures;
    if (maps === null && shared.size === 0) return;
    this.#last = figures;
    if (maps !== null) {
      const { entropy, inUse, perToken, agreement } = maps;
      run.log({ 'slots/area_entropy': entropy, 'slots/in_use': inUse, 'slots/per_token': perToken });
      if (agreement !== null) run.log({ 'slots/agreement': agreement });
    }
    for (const [name, share] of shared) run.log({ [`slots/${name}/shared`]: share });
    if (step >= run.warmupSteps) this.#judge(figures, run);
  }

  /** One line for people with what was measured last. */
  onEpochEnd(): void {
    if (this.#last === undefined) return;
    this.logger.info(`Slots: ${inWords(this.#last)}`);
    this.#last = undefined;
  }

  state(): z.infer<typeof slotHealthState> {
    return { inARow: Object.fromEntries(this.#inARow), told: [...this.#told] };
  }

  loadState({ inARow, told }: z.infer<typeof slotHealthState>): void {
    for (const [name, count] of Object.entries(inARow)) this.#inARow.set(complaint.parse(name), count);
    for (const name of told) this.#told.add(name);
  }

  dispose(): void {
    this.#images?.dispose();
  }

  #judge(figures: Figures, { position: { epoch }, numEpochs }: TrainingRun): void {
    for (const name of complaint.options) {
      const { isBeyond, isWell, what, hints, from = 0 } = CHECKS[name];
      if (this.#told.has(name)) {
        if (!isWell(figures)) continue;
        this.#told.delete(name);
        this.#inARow.set(name, 0);
        this.logger.info(`Epoch ${epoch + 1}: ${inWords(figures)}: the slots are not ${name} any more.`);
        continue;
      }
      const judged = epoch + 1 >= from * numEpochs;
      const inARow = judged && isBeyond(figures) ? (this.#inARow.get(name) ?? 0) + 1 : 0;
      this.#inARow.set(name, inARow);
      if (inARow < PATIENCE) continue;
      this.#told.add(name);
      this.logger.warn(
        `${what} After epoch ${epoch + 1}, and ${PATIENCE - 1} before: ${inWords(figures)}. What may help: ${hints}.`,
      );
    }
  }
}

/** A pass of evaluation. */
function look({ model, masks }: TrainingRun, images: tf.Tensor4D): Figures {
  let maps: SlotMapFigures | null = null;
  const shared = new Map<string, number>();
  tf.tidy(() => {
    const mode: Mode = { training: false, step: 0, attention: true };
    const outputs = model.forward(images, mode);
    const map = outputs.attention?.objects.at(-1);
    if (map !== undefined) maps = slotMapFigures(map.dataSync(), map.shape);
    const batch: BatchOutputs = { outputs, images, mode };
    for (const source of masks) {
      const ofSource = source.masks(batch);
      const [count, slots, rows, columns] = ofSource.shape;
      shared.set(source.name, sharedRegion(ofSource.dataSync(), [count, slots, rows * columns]));
    }
  });
  return { maps, shared };
}

function inWords({ maps, shared }: Figures): string {
  const ofMasks = Array.from(shared, ([name, share]) => {
    return `two slots share ${(100 * share).toFixed(0)} % of an image in masks of ${name}`;
  });
  return [...(maps === null ? [] : [mapsInWords(maps)]), ...ofMasks].join(', ');
}

function mapsInWords({ entropy, inUse, perToken, agreement }: SlotMapFigures): string {
  const agreeing = agreement === null ? '' : `, agreement of maps between images ${agreement.toFixed(2)}`;
  return `${inUse.toFixed(1)} in use, entropy of areas ${entropy.toFixed(2)}, ${perToken.toFixed(1)} share a token${agreeing}`;
}
