export { VitBackbone } from './vit';
export { PatchEmbed, type PatchEmbedConfig } from './patch-embed';
export type { VitOptions } from './options';
