export { FiguresCallback } from './figures';
