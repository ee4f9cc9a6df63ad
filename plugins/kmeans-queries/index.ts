export { KMeansCosineQueries, KMeansEuclideanQueries } from './kmeans-queries';
export { assignments, kMeansEuclidean } from './kmeans-euclidean';
export { cosineAssignments, kMeansCosine, type KMeansCosineConfig } from './kmeans-cosine';
export type { KMeansConfig } from './lloyd';
