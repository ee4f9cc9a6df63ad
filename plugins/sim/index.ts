export { SimilarityLoss } from './similarity-loss';
