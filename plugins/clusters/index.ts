export { ClustersEvaluator } from './clusters';
export type { ClustersOptions } from './options';
export { averageLinkage } from './average-linkage';
export { directions } from './directions';
