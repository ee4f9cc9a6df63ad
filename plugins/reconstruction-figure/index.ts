export { ReconstructionFigure } from './reconstruction-figure';
