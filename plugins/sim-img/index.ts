export { ImageSimilarityLoss } from './image-similarity-loss';
