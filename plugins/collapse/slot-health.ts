/** Whether slots do what they are for: each epoch, from their maps on a few images of a training batch. */
import * as tf from '@tensorflow/tfjs-core';
import type { Logger, TrainingRun } from 'osc-trainer/sdk';
import { z } from 'osc-trainer/sdk';
import { slotMapFigures, type SlotMapFigures } from './slot-maps';

type Complaint = 'position-only' | 'one-slot' | 'blurred';

/** What is wrong beyond a limit, and well within which it is not any more, so that one that wavers is told of once. */
interface Check {
  readonly isBeyond: (figures: SlotMapFigures) => boolean;
  readonly isWell: (figures: SlotMapFigures) => boolean;
  readonly what: string;
  readonly hints: string;
}

/** The limits were measured: docs/decisions/collapse-meter.md. */
const CHECKS: Readonly<Record<Complaint, Check>> = {
  'position-only': {
    isBeyond: ({ agreement }) => agreement !== null && agreement > 0.75,
    isWell: ({ agreement }) => agreement === null || agreement < 0.65,
    what: 'The slots divide the plane, not the image: their maps are nearly the same whatever an image shows.',
    hints:
      'losses/l_objects=sim_img with data.crop_scale=[0.1,1], queries that are no places (model/obj_queries=sample), of an objective with masks one colour a slot (losses.l_recon.color=affine)',
  },
  'one-slot': {
    isBeyond: ({ inUse }) => inUse < 1.25,
    isWell: ({ inUse }) => inUse > 1.5,
    what: 'One slot takes the whole image: no other one wins a token in a hundred.',
    hints:
      'a contrastive loss of the slots (losses/l_objects=ctr_img), queries that start apart (model.obj_queries.init=xavier, model/obj_queries=sample), a smaller optimizer.start_lr',
  },
  blurred: {
    isBeyond: ({ perToken, numSlots }) => perToken > Math.max(2, numSlots / 3),
    isWell: ({ perToken, numSlots }) => perToken < Math.max(1.75, numSlots / 4),
    what: 'The slots are blurred: a token belongs to many of them.',
    hints:
      'losses/l_objects=sim_img with data.crop_scale=[0.1,1] and model.obj_fn.num_iters=1, an objective with masks (+exp=scenes_recon), more epochs',
  },
};

/** Epochs in a row that must agree. */
const PATIENCE = 3;

const complaint = z.enum(['position-only', 'one-slot', 'blurred']);
export const slotHealthState = z.strictObject({
  inARow: z.partialRecord(complaint, z.int()),
  told: z.array(complaint),
});

export class SlotHealth {
  /** Images of the batch at hand, `[n, 3, H, W]`; kept until its step is done. */
  #images: tf.Tensor4D | undefined;
  #last: SlotMapFigures | undefined;
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
    let figures: SlotMapFigures | undefined;
    tf.tidy(() => {
      const { attention } = run.model.forward(images, { training: false, step: 0, attention: true });
      const map = attention?.objects.at(-1);
      if (map !== undefined) figures = slotMapFigures(map.dataSync(), map.shape);
    });
    images.dispose();
    if (figures === undefined) return; // an obj_fn without maps
    this.#last = figures;
    const { entropy, inUse, perToken, agreement } = figures;
    run.log({ 'slots/area_entropy': entropy, 'slots/in_use': inUse, 'slots/per_token': perToken });
    if (agreement !== null) run.log({ 'slots/agreement': agreement });
    if (step >= run.warmupSteps) this.#judge(figures, run.position.epoch);
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

  #judge(figures: SlotMapFigures, epoch: number): void {
    for (const name of complaint.options) {
      const { isBeyond, isWell, what, hints } = CHECKS[name];
      if (this.#told.has(name)) {
        if (!isWell(figures)) continue;
        this.#told.delete(name);
        this.#inARow.set(name, 0);
        this.logger.info(`Epoch ${epoch + 1}: ${inWords(figures)}: the slots are not ${name} any more.`);
        continue;
      }
      const inARow = isBeyond(figures) ? (this.#inARow.get(name) ?? 0) + 1 : 0;
      this.#inARow.set(name, inARow);
      if (inARow < PATIENCE) continue;
      this.#told.add(name);
      this.logger.warn(
        `${what} After epoch ${epoch + 1}, and ${PATIENCE - 1} before: ${inWords(figures)}. What may help: ${hints}.`,
      );
    }
  }
}

function inWords({ entropy, inUse, perToken, agreement }: SlotMapFigures): string {
  const agreeing = agreement === null ? '' : `, agreement of maps between images ${agreement.toFixed(2)}`;
  return `${inUse.toFixed(1)} in use, entropy of areas ${entropy.toFixed(2)}, ${perToken.toFixed(1)} share a token${agreeing}`;
}
