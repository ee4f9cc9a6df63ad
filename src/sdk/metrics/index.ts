/**
 * `osc-trainer/sdk/metrics`: numbers that say how good a segmentation, a ranking or a representation is, and masks to compare
 * a segmentation with. All in float64 on plain arrays, but Otsu's float32.
 */
export { linearSumAssignment, type Assignment } from './assignment';
export { otsuThreshold } from './otsu';
export { maskDice, maskIou, matchMasks, type MaskMatches } from './mask-overlap';
export {
  adjustedRandIndex,
  bestOverlaps,
  matchedOverlaps,
  meanBestOverlap,
  meanIou,
  segmentationCovering,
  type RegionOverlap,
  type SegmentationCovering,
} from './partitions';
export { OBJECT_SIZES, objectSize, shareFound, type ObjectOverlap, type ObjectSize } from './found';
export {
  labelledObjects,
  meanScores,
  scoreMasks,
  upsample,
  type MaskScore,
  type MaskScores,
  type SlotMaps,
  type TrueMasks,
} from './score-masks';
export { maskBaselines, type BaselineImage, type MaskBaseline } from './mask-baselines';
export { kMeans, lloyd, spreadPoints, type KMeansResult } from './k-means';
export { countPoints, squaredDistance, type Points } from './points';
export { areaUnderRoc, averagePrecision, precisionRecallCurve, rocCurve, type CurvePoint } from './ranking';
export { effectiveRank, meanPairwiseCosine, normalizedStd } from './collapse';
export { singularValues, symmetricEigenvalues } from './singular-values';
