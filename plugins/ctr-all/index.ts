export { BatchContrastiveLoss } from './batch-contrastive-loss';
