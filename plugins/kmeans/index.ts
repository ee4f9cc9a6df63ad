export { KMeansEuclideanQueries } from './kmeans-queries';
export { assignments, kMeansEuclidean, type KMeansConfig } from './kmeans-euclidean';
