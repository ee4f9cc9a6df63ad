/** The keys of the config that choose components. */
import type { ComponentKind } from '../sdk/kinds';
import { type Branch, find, isBranch } from './tree';
import { mapAt, type ValueMap } from './value';

/** A key of the config whose value names a component: a bare name or `{ name, ...options }`. */
export interface ComponentKey {
  /** Dotted, e.g. `model.obj_queries`. A last part `*` stands for every key of a map (`losses.*`). */
  readonly key: string;
  readonly kind: ComponentKind;
  /** The node may be null: no component. */
  readonly nullable: boolean;
  /**
   * The node is a list of components. Options of them may also stand beside the list, in a section of the component's
   * name: those of the evaluator `vqa` in `data.test.vqa`, as in the reference's configs.
   */
  readonly list: boolean;
  /** Keys inside the node that belong to the parent; they are taken off before the component's schema sees the rest. */
  readonly parentKeys: readonly string[];
  /** Values of the node that name no component (`pos_embed: backbone` shares the backbone's instance). */
  readonly keywords: readonly string[];
}

function key(name: string, kind: ComponentKind, rest: Partial<Omit<ComponentKey, 'key' | 'kind'>> = {}): ComponentKey {
  return { key: name, kind, nullable: false, list: false, parentKeys: [], keywords: [], ...rest };
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
  key('losses.l_global', 'loss', { parentKeys: ['weight'] }),
  key('losses.l_objects', 'loss', { nullable: true, parentKeys: ['weight'] }),
  key('losses.*', 'loss', { nullable: true, parentKeys: ['weight'] }),
  key('optimizer', 'optimizer', { parentKeys: ['start_lr'] }),
  key('lr_scheduler.decay', 'lr_scheduler'),
  key('data', 'dataset', {
    parentKeys: ['crop_size', 'crop_scale', 'normalize', 'train', 'val', 'viz', 'test', 'num_workers', 'on_bad_record'],
  }),
  key('data.viz.figures', 'figure', { list: true }),
  key('data.test.evaluators', 'evaluator', { list: true, parentKeys: ['optional', 'last_epoch_only'] }),
  key('logging.trackers', 'tracker', { list: true }),
  key('training.callbacks', 'callback', { list: true }),
  // local = in this process: no component
  key('launcher', 'launcher', { keywords: ['local'] }),
  key('engine', 'engine', { parentKeys: ['threads'] }),
];

const ANY = '.*';

/** The keys that choose a component of a kind, as people read them: `losses.KEY` for any key of `losses`. */
export function keysOfKind(kind: ComponentKind): string[] {
  const keys = COMPONENT_KEYS.filter((candidate) => candidate.kind === kind).map(({ key: dotted }) => dotted);
  return keys.map((dotted) => (dotted.endsWith(ANY) ? `${dotted.slice(0, -ANY.length)}.KEY` : dotted));
}

/** The component key at this dotted key, or whose `name` this is. */
export function componentKeyAt(key: string): ComponentKey | undefined {
  const node = key.replace(/\.name$/, '');
  const own = COMPONENT_KEYS.find((candidate) => candidate.key === node);
  if (own || node.endsWith(ANY)) return own;
  const pattern = `${parentOf(node)}${ANY}`;
  const any = COMPONENT_KEYS.find((candidate) => candidate.key === pattern);
  return any && { ...any, key: node };
}

/** The component keys of a config that is being put together: of a map such as `losses` those that it has. */
export function componentKeysIn(tree: Branch): readonly ComponentKey[] {
  return expand((map) => {
    const node = find(tree, map);
    return isBranch(node) ? [...node.children.keys()] : [];
  });
}

/** The component keys of plain values. */
export function componentKeysOf(values: ValueMap): readonly ComponentKey[] {
  return expand((map) => Object.keys(mapAt(values, map)));
}

/** The map whose sections may hold options of a list's components. */
export function sectionsOf({ key }: ComponentKey): string {
  return parentOf(key);
}

function parentOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf('.')));
}

function expand(keysOf: (map: string) => readonly string[]): ComponentKey[] {
  return COMPONENT_KEYS.flatMap((component) => {
    if (!component.key.endsWith(ANY)) return [component];
    const map = component.key.slice(0, -ANY.length);
    const own = COMPONENT_KEYS.map((candidate) => candidate.key);
    return keysOf(map)
      .map((name) => `${map}.${name}`)
      .filter((dotted) => !own.includes(dotted))
      .map((dotted) => ({ ...component, key: dotted }));
  });
}
