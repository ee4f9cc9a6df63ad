export { RolloutsFigure } from './rollouts';
