/** The two packages of tfjs-node, and the one version of them that the loader is written for. */

export type Variant = 'gpu' | 'cpu';

/** In the order in which they are looked for. */
export const VARIANTS: readonly Variant[] = ['gpu', 'cpu'];

export const TFJS_NODE_VERSION = '4.22.0';

export function packageOf(variant: Variant): string {
  return variant === 'gpu' ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
}

/** As one types it. */
export function installCommand(variant: Variant, flags = ''): string {
  return `osc engine install tensorflow${variant === 'gpu' ? ' --gpu' : ''}${flags}`;
}
