export { EarlyStopping } from './early-stopping';
