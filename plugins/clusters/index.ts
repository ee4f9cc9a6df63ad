export { ClustersEvaluator } from './clusters';
export type { ClustersOptions } from './options';
export { averageLinkage } from './average-linkage';
export { kMeans, lloyd, type KMeansResult } from './k-means';
export { directions, type Points } from './points';
