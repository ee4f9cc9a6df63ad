export { SegmentationFigure } from './segmentation-figure';
