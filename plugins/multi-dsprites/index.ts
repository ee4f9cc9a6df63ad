export { MultiDsprites } from './multi-dsprites';
