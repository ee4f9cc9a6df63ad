export { SegmentationFigure, type FigureOptions } from './segmentation-figure';
