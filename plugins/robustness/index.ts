export { RobustnessEvaluator } from './robustness';
export type { RobustnessOptions } from './options';
