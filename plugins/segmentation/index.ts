export { SegmentationEvaluator } from './segmentation';
export type { SegmentationOptions } from './options';
