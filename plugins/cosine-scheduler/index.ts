export { CosineScheduler } from './cosine-scheduler';
