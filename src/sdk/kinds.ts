/** The kinds of component. Where in the config each is chosen says the config's schema. Data only: loads nothing. */

export const COMPONENT_KINDS = [
  'backbone',
  'pooling',
  'pos_embed',
  'obj_queries',
  'obj_fn',
  'architecture',
  'loss',
  'optimizer',
  'lr_scheduler',
  'dataset',
  'evaluator',
  'callback',
  'figure',
  'tracker',
  'launcher',
  'sweeper',
  'engine',
] as const;

export type ComponentKind = (typeof COMPONENT_KINDS)[number];

/** A name for a key of `losses`. */
export const LOSS_KEY = /^[a-z][a-z0-9_]*$/;
