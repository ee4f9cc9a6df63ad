export { Ema } from './ema';
