export { Tetrominoes } from './tetrominoes';
