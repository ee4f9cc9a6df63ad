export { KnnEvaluator } from './knn';
export type { KnnOptions } from './options';
export { nearestNeighbors, type Neighbors } from './neighbors';
export { scoreCounts, scoreQuestions } from './score-votes';
