export { ImageContrastiveLoss } from './image-contrastive-loss';
