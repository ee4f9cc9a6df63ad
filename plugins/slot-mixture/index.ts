export { SlotMixtureLoss } from './slot-mixture';
export type { SlotMixtureOptions } from './options';
