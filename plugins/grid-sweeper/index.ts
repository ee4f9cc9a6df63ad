export { GridSweeper } from './grid-sweeper';
