export { RandomSweeper } from './random-sweeper';
