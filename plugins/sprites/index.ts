export { Sprites } from './sprites';
export type { SpritesOptions } from './options';
