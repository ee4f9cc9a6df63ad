export { writeCurvePlot } from './curve-plot';
export { figurePath } from '../run';
export { RolloutFigure, type RolloutFigureOptions } from './rollout-figure';
export { SegmentationFigure, type FigureOptions } from './segmentation-figure';
