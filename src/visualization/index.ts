/** Drawing: figures of a model, pictures of scenes, plots of curves, and the PNG files they become. */
export { countAxis, niceRange, plotLabel } from './axes';
export { writeCurvePlot, type BandPlot } from './curve-plot';
export { Figures, type FiguresOptions } from './figures';
export { sceneFigure } from './scene-figure';
export { writePicture } from './write-picture';
