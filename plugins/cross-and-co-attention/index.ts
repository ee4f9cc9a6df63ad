export { CoAttentionDecoder } from './co-attention';
export { CrossAttentionDecoder } from './cross-attention';
export type { DecoderOptions } from './options';
