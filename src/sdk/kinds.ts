/** The kinds of component, and where in the config each is chosen (DESIGN 2). Data only: loads nothing. */

export const COMPONENT_KINDS = [
  'backbone',
  'pooling',
  'pos_embed',
  'obj_queries',
  'obj_fn',
  'architecture',
  'l_global',
  'l_objects',
  'optimizer',
  'lr_scheduler',
  'dataset',
  'evaluator',
  'tracker',
  'launcher',
  'engine',
] as const;

export type ComponentKind = (typeof COMPONENT_KINDS)[number];

/** A place in the config whose value names a component: a bare name or `{ name, ...options }`. */
export interface ComponentKey {
  /** Dotted config key, e.g. `model.obj_queries`. */
  readonly key: string;
  readonly kind: ComponentKind;
  /** The node may be null: no component. */
  readonly nullable: boolean;
  /** The node is a list of components. */
  readonly list: boolean;
  /** Keys inside the node that belong to the parent; they are taken off before the component's schema sees the rest. */
  readonly parentKeys: readonly string[];
  /**
   * Key of a map that may have a section by the name of a component, with options of it: those of the evaluator `vqa` stand
   * in `data.test.vqa`, as in the reference's configs. What the node itself says comes first.
   */
  readonly sections: string | null;
  /** Values of the node that name no component (`pos_embed: backbone` shares the backbone's instance). */
  readonly keywords: readonly string[];
}

function key(name: string, kind: ComponentKind, rest: Partial<Omit<ComponentKey, 'key' | 'kind'>> = {}): ComponentKey {
  return { key: name, kind, nullable: false, list: false, parentKeys: [], sections: null, keywords: [], ...rest };
}

/** Every config key that chooses a component. Parents come before the nodes inside them. */
export const COMPONENT_KEYS: readonly ComponentKey[] = [
  key('model.architecture', 'architecture'),
  key('model.backbone', 'backbone', { parentKeys: ['pos_embed', 'pos_embed_dropout', 'global_pool'] }),
  key('model.backbone.pos_embed', 'pos_embed', { nullable: true }),
  key('model.backbone.global_pool', 'pooling'),
  key('model.obj_queries', 'obj_queries', { nullable: true }),
  key('model.obj_fn', 'obj_fn', { nullable: true, parentKeys: ['pos_embed'] }),
  key('model.obj_fn.pos_embed', 'pos_embed', { nullable: true, keywords: ['backbone'] }),
  key('losses.l_global', 'l_global', { parentKeys: ['weight'] }),
  key('losses.l_objects', 'l_objects', { nullable: true, parentKeys: ['weight'] }),
  key('optimizer', 'optimizer', { parentKeys: ['start_lr'] }),
  key('lr_scheduler.decay', 'lr_scheduler'),
  key('data', 'dataset', {
    parentKeys: ['crop_size', 'crop_scale', 'normalize', 'train', 'val', 'viz', 'test', 'num_workers', 'on_bad_record'],
  }),
  key('data.test.evaluators', 'evaluator', {
    list: true,
    parentKeys: ['optional', 'last_epoch_only'],
    sections: 'data.test',
  }),
  key('logging.trackers', 'tracker', { list: true }),
  // local = in this process: no component
  key('launcher', 'launcher', { keywords: ['local'] }),
  key('engine', 'engine', { parentKeys: ['threads'] }),
];
