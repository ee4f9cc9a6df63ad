export { SlotAttention } from './slot-attention';
export type { SlotAttentionOptions } from './options';
