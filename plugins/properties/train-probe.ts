/** Training a probe, its slots matched by masks or, alternating with the steps, by its own predictions. */
import { linearSumAssignment } from 'osc-trainer/sdk/metrics';
import { ProbeAdamW, RunError, runProbeSteps, type Progress, type RandomSource } from 'osc-trainer/sdk';
import { lossOf, numOutputs, type OutputLayout } from './outputs';
import { makeRows, Probe, type ProbeRows } from './probe';
import type { ObjectProperties, SceneSlots } from './scene-slots';

/** Steps between two looks at the loss of the validation images, and between two matchings by prediction. */
const CHECK_STEPS = 10;
/** Looks without a smaller loss before training ends. */
const PATIENCE = 20;
/** One of so many training images is for validation. */
const VALIDATION_PART = 5;

const LEARNING_RATE = { linear: 1e-2, mlp: 3e-3 } as const;

export type ProbeKind = keyof typeof LEARNING_RATE;

export interface ProbeTraining {
  readonly kind: ProbeKind;
  /** C */
  readonly width: number;
  readonly hidden: number;
  readonly numSteps: number;
  readonly layout: OutputLayout;
  readonly random: RandomSource;
  readonly label: string;
  readonly progress: Progress;
}

/** An object, and what the probe says of it. */
export interface ObjectPrediction {
  readonly object: ObjectProperties;
  /** `[D]`; null where no slot belongs to the object. */
  readonly outputs: Float32Array | null;
}

/**
 * Trains a probe by AdamW, and leaves it as it was when the loss of the validation images (the last fifth of those given) was
 * least.
 *
 * @param scenes their slots standardised
 */
export async function trainProbe(scenes: readonly SceneSlots[], training: ProbeTraining): Promise<Probe> {
  const { kind, width, hidden, numSteps, layout, random, label, progress } = training;
  const numTrained = scenes.length - Math.floor(scenes.length / VALIDATION_PART);
  const validation = scenes.slice(numTrained);
  const probe = new Probe(width, layout, kind === 'mlp' ? hidden : null, random.scope(kind));
  const optimizer = new ProbeAdamW(probe.parameters, LEARNING_RATE[kind]);
  const rows = new MatchedRows(scenes.slice(0, numTrained), layout);
  const best = new BestParameters(probe);
  try {
    await runProbeSteps({ label, numSteps, progress }, (step) => {
      if (step % CHECK_STEPS === 0) {
        if (best.look(meanLoss(probe, validation, layout)) > PATIENCE) return { done: true };
        rows.match(probe);
      }
      if (rows.current === null) return { done: true }; // no object of these images has a slot
      optimizer.step(probe.gradients(rows.current));
      return { note: best.note };
    });
  } finally {
    rows.dispose();
  }
  best.look(meanLoss(probe, validation, layout));
  best.restore();
  return probe;
}

/** The objects that have a slot, with it; where slots are matched by prediction, as the probe is now. */
class MatchedRows {
  current: ProbeRows | null = null;

  constructor(
    private readonly scenes: readonly SceneSlots[],
    private readonly layout: OutputLayout,
  ) {}

  match(probe: Probe): void {
    if (this.current !== null && this.scenes.every(({ matches }) => matches !== null)) return;
    this.dispose();
    const width = probe.width;
    const pairs = predictScenes(probe, this.scenes, this.layout).flatMap(({ scene, matches }) =>
      scene.objects.flatMap((object, o) => {
        const slot = matches[o]!;
        return slot < 0 ? [] : [{ object, features: scene.slots.subarray(slot * width, (slot + 1) * width) }];
      }),
    );
    if (pairs.length > 0) this.current = makeRows(pairs);
  }

  dispose(): void {
    this.current?.slots.dispose();
    this.current = null;
  }
}

/** What the parameters were when the loss was least. */
class BestParameters {
  #loss = Infinity;
  #looksSince = 0;
  #copies: readonly Float32Array[] | null = null;

  constructor(private readonly probe: Probe) {}

  get note(): string {
    return this.#copies === null ? '' : `loss ${this.#loss.toFixed(3)}`;
  }

  /**
   * @param loss null where there is nothing to measure: the last parameters are kept then
   * @returns how often in a row it was not the least
   */
  look(loss: number | null): number {
    if (loss === null) return 0;
    if (!Number.isFinite(loss)) throw new RunError('The loss of a probe of the slots is not finite.');
    this.#looksSince++;
    if (loss < this.#loss) {
      this.#loss = loss;
      this.#looksSince = 0;
      this.#copies = this.probe.parameters.map((values) => values.slice());
    }
    return this.#looksSince;
  }

  restore(): void {
    this.#copies?.forEach((values, i) => this.probe.parameters[i]!.set(values));
  }
}

/** Mean loss of the objects that have a slot, or null where there are none. */
function meanLoss(probe: Probe, scenes: readonly SceneSlots[], layout: OutputLayout): number | null {
  const losses = predictObjects(probe, scenes, layout).flatMap(({ object, outputs }) =>
    outputs === null ? [] : [lossOf(outputs, 0, object, layout)],
  );
  return losses.length === 0 ? null : losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** What the probe says of each object, from the slot that belongs to it. */
export function predictObjects(probe: Probe, scenes: readonly SceneSlots[], layout: OutputLayout): ObjectPrediction[] {
  const width = numOutputs(layout);
  return predictScenes(probe, scenes, layout).flatMap(({ scene, outputs, matches }) =>
    scene.objects.map((object, o) => {
      const slot = matches[o]!;
      return { object, outputs: slot < 0 ? null : outputs.subarray(slot * width, (slot + 1) * width) };
    }),
  );
}

/** Outputs of each image, `[S, D]`, and the slot of each object. */
function predictScenes(probe: Probe, scenes: readonly SceneSlots[], layout: OutputLayout) {
  const all = probe.predict(scenes.map(({ slots }) => slots));
  let start = 0;
  return scenes.map((scene) => {
    const end = start + (scene.slots.length / probe.width) * numOutputs(layout);
    const outputs = all.subarray(start, end);
    start = end;
    return { scene, outputs, matches: scene.matches ?? matchByPrediction(outputs, scene.objects, layout) };
  });
}

/** The assignment of slots to objects that makes the loss of the probe least: `[O]`, -1 where there are too few slots. */
export function matchByPrediction(
  outputs: Float32Array,
  objects: readonly ObjectProperties[],
  layout: OutputLayout,
): Int32Array {
  const numSlots = outputs.length / numOutputs(layout);
  const losses = new Float64Array(objects.length * numSlots);
  objects.forEach((object, o) => {
    for (let s = 0; s < numSlots; s++) losses[o * numSlots + s] = lossOf(outputs, s, object, layout);
  });
  const { rows, cols } = linearSumAssignment(losses, objects.length, numSlots);
  const matches = new Int32Array(objects.length).fill(-1);
  rows.forEach((row, i) => {
    matches[row] = cols[i]!;
  });
  return matches;
}
