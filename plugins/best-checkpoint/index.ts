export { BestCheckpoint } from './best-checkpoint';
