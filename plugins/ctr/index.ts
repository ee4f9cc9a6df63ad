export { ContrastiveLoss } from './contrastive-loss';
