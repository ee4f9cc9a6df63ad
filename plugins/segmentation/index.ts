export { SegmentationEvaluator } from './segmentation';
export { upsample } from './score-image';
export type { SegmentationOptions } from './options';
