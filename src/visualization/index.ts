/** Drawing: pictures of scenes and models, plots of curves, and the PNG files they become. */
export { writeCurvePlot } from './curve-plot';
export { sceneFigure } from './scene-figure';
export { writePng } from './write-png';
export { RolloutFigure, type RolloutFigureOptions } from './rollout-figure';
export { SegmentationFigure, type FigureOptions } from './segmentation-figure';
