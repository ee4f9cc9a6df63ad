/**
 * What a component's constructor may ask for. Tokens are `Symbol.for`, so they are equal across copies of the SDK and
 * across CommonJS and ES modules.
 */
import 'reflect-metadata'; // tsyringe asks for it as it loads
import type { ComponentKind } from './kinds';

export { inject, injectable } from 'tsyringe';

/** The component's own options, validated by its schema, defaults filled in. */
export const OPTIONS: unique symbol = Symbol.for('osc:options') as never;
/** {@link Dimensions}: image size, patch grid, widths. */
export const DIMENSIONS: unique symbol = Symbol.for('osc:dimensions') as never;
/** Dropout rate of a positional embedding, a number: `model.backbone.pos_embed_dropout`. */
export const POS_EMBED_DROPOUT: unique symbol = Symbol.for('osc:pos-embed-dropout') as never;
/** {@link Normalization} of the images: with its mean and standard deviation values are turned back into colours. */
export const NORMALIZATION: unique symbol = Symbol.for('osc:normalization') as never;
/** {@link RandomSource}, scoped to the component's place in the config. */
export const RANDOM: unique symbol = Symbol.for('osc:random') as never;
/** {@link Logger}: a winston logger. */
export const LOGGER: unique symbol = Symbol.for('osc:logger') as never;

/**
 * The token of another component, by kind: a backbone asks for `componentToken('pooling')`. Where the config says null
 * the value injected is null.
 */
export function componentToken(kind: ComponentKind): symbol {
  return Symbol.for(`osc:component:${kind}`);
}
