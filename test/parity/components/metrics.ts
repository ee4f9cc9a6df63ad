/** Metrics of masks and rankings. */
import {
  areaUnderRoc,
  averagePrecision,
  maskDice,
  maskIou,
  matchMasks,
  otsuThreshold,
  type MaskMatches,
} from 'osc-trainer/sdk/metrics';
import type { Adapter } from '../adapter';
import { absolute, exact, type Check } from '../compare';
import type { Fixture, FixtureTensor } from '../fixture';

const SCORE_TOLERANCE = 1e-5;
/** Thresholds are recorded as float64 of float32 values. */
const THRESHOLD_TOLERANCE = 0;

type Values = Float32Array | Int32Array;

/** Rows `[rows, P]` of a tensor whose last two axes are the pixels. */
export function planes({ shape, values }: FixtureTensor): {
  readonly pixels: number;
  at(first: number, count: number): Values;
} {
  const pixels = shape.at(-1)! * shape.at(-2)!;
  return { pixels, at: (first, count) => values.subarray(first * pixels, (first + count) * pixels) };
}

/** `value > threshold` for each of `count` maps. */
export function thresholded(maps: Float32Array, count: number): Uint8Array {
  const pixels = maps.length / count;
  const masks = new Uint8Array(maps.length);
  for (let map = 0; map < count; map++) {
    const threshold = otsuThreshold(maps.subarray(map * pixels, (map + 1) * pixels));
    for (let p = map * pixels; p < (map + 1) * pixels; p++) masks[p] = maps[p]! > threshold ? 1 : 0;
  }
  return masks;
}

export const otsu: Adapter = {
  components: ['batched_otsu'],
  knows: { config: ['nbins'], tensors: ['inputs.x', 'outputs.mask'], scalars: ['thresholds', 'skimage'] },
  run(fixture) {
    const { nbins } = fixture.config as { nbins: number };
    const input = fixture.get('inputs.x');
    const { at } = planes(input);
    const [maps] = input.shape as [number];
    const thresholds = Array.from({ length: maps }, (_, map) => otsuThreshold(at(map, 1) as Float32Array, nbins));
    const masks = thresholds.flatMap((threshold, map) => Array.from(at(map, 1), (x) => (x > threshold ? 1 : 0)));
    return [
      absolute('thresholds', thresholds, fixture.scalars['thresholds'] as number[], THRESHOLD_TOLERANCE),
      exact('outputs.mask', masks, fixture.get('outputs.mask').values),
    ];
  },
};

/** One score of a batch of masks, compared with `PREFIXiou_idx`, `PREFIXiou_val` or those of dice. */
export function checkMatches(
  fixture: Fixture,
  prefix: string,
  name: 'iou' | 'dice',
  matches: readonly MaskMatches[],
): Check[] {
  const indices = matches.flatMap((match) => [...match.indices]);
  const scores = matches.flatMap((match) => [...match.scores]);
  const recorded = fixture.get(`${prefix}${name}_val`).values;
  // masks that nothing overlaps take what is left over, in any order
  const decided = [...recorded.keys()].filter((i) => recorded[i] !== 0);
  const recordedIndices = fixture.get(`${prefix}${name}_idx`).values;
  return [
    exact(
      `${prefix}${name}_idx`,
      decided.map((i) => indices[i]!),
      decided.map((i) => recordedIndices[i]!),
    ),
    absolute(`${prefix}${name}_val`, scores, recorded, SCORE_TOLERANCE),
  ];
}

/** Matches of both scores for every image: `masks [B, T, H, W]`, `maps [B, S, H, W]` soft, `hard [B, S, H, W]`. */
export function matchBatch(
  masks: FixtureTensor,
  maps: FixtureTensor,
  hard: FixtureTensor,
): { iou: MaskMatches[]; dice: MaskMatches[] } {
  const [batch, numTruth] = masks.shape as [number, number];
  const numPredicted = maps.shape[1]!;
  const [truth, soft, thresholdedMaps] = [planes(masks), planes(maps), planes(hard)];
  const images = Array.from({ length: batch }, (_, b) => b);
  return {
    iou: images.map((b) => {
      const scores = maskIou(
        truth.at(b * numTruth, numTruth),
        numTruth,
        thresholdedMaps.at(b * numPredicted, numPredicted),
        numPredicted,
      );
      return matchMasks(scores, numTruth, numPredicted);
    }),
    dice: images.map((b) => {
      const scores = maskDice(
        truth.at(b * numTruth, numTruth),
        numTruth,
        soft.at(b * numPredicted, numPredicted),
        numPredicted,
      );
      return matchMasks(scores, numTruth, numPredicted);
    }),
  };
}

export const maskMatching: Adapter = {
  components: ['match_segmentation_masks'],
  knows: {
    config: ['B', 'T', 'S', 'H'],
    tensors: [/^inputs\.(masks|preds|preds_thres)$/, /^outputs\.(iou|dice)_(idx|val)$/],
  },
  run(fixture) {
    const { iou, dice } = matchBatch(
      fixture.get('inputs.masks'),
      fixture.get('inputs.preds'),
      fixture.get('inputs.preds_thres'),
    );
    return [...checkMatches(fixture, 'outputs.', 'iou', iou), ...checkMatches(fixture, 'outputs.', 'dice', dice)];
  },
};

/** The metric, and the weight of positive samples. */
const RANKING = /^(ap|auroc)(?:_weighted(\d+(?:\.\d+)?))?$/;

export const ranking: Adapter = {
  components: ['average_precision_score / roc_auc_score'],
  knows: { config: [], tensors: ['inputs.y', 'inputs.score'], scalars: [RANKING] },
  run(fixture) {
    const labels = fixture.get('inputs.y').values;
    const scores = fixture.get('inputs.score').values;
    return Object.entries(fixture.scalars).flatMap(([name, recorded]) => {
      const [, metricName, weightInName] = RANKING.exec(name) ?? [];
      if (metricName === undefined) return [];
      const metric = metricName === 'ap' ? averagePrecision : areaUnderRoc;
      const weight = Number(weightInName ?? 1);
      const value = metric(
        labels,
        scores,
        Array.from(labels, (label) => (label === 1 ? weight : 1)),
      );
      return [absolute(name, [value], [recorded === null ? NaN : fixture.scalar(name)], 1e-10)]; // JSON has no NaN
    });
  },
};
