/** Choices of config groups made outside the groups themselves: in the config file and on the command line. */
import { UsageError } from '../sdk/errors';
import type { Override } from './grammar';
import { describeOrigin, type Origin, shownText } from './origin';
import { isBranch, type Tree } from './tree';
import { describeValue, isMap, cut, type Value } from './value';

export interface Selection {
  readonly group: string;
  /** Of `group@package`; absent = whatever package the group has there. */
  readonly package?: string;
  /** Null: no choice. */
  readonly choices: readonly string[] | null;
  /** `set` replaces a choice, `add` appends one, `either` does what is possible, `delete` takes a group out. */
  readonly operation: 'set' | 'add' | 'either' | 'delete';
  readonly origin: Origin;
  /** 0 for the groups themselves, then the config files from the most basic on, then the command line. */
  readonly layer: number;
}

/** The choices of Hydra's own that osc has too: names that its users write, and ours for them. */
const HYDRAS: Readonly<Record<string, ReadonlyMap<string, string>>> = {
  launcher: new Map([
    ['submitit_slurm', 'slurm'],
    ['submitit_local', 'local'],
    ['basic', 'local'],
  ]),
  sweeper: new Map([['basic', 'grid']]),
};

/** Rewrites what is Hydra's own: `hydra/launcher=submitit_slurm` is `launcher=slurm`. @throws UsageError for the rest */
export function translateHydra(override: Override): Override {
  const [, separator, key = '', option = ''] = /^hydra([./]|$)([^./]*)(.*)$/.exec(override.key) ?? [];
  if (separator === undefined) return override;
  const names = Object.hasOwn(HYDRAS, key) ? HYDRAS[key] : undefined;
  if (names !== undefined && separator === '.' && option !== '') return { ...override, key: `${key}${option}` };
  if (names !== undefined && separator === '/' && option === '') {
    const rename = (value: Value): Value => (typeof value === 'string' ? (names.get(value) ?? value) : value);
    return {
      ...override,
      key,
      ...(override.value === undefined ? {} : { value: rename(override.value) }),
    };
  }
  throw new UsageError(
    `The override ${shownText(override.text)} sets a key of Hydra itself.`,
    'osc is not Hydra: of hydra.* it knows hydra/launcher, hydra/sweeper and their options; the folder of a run is --run-dir.',
    ['launcher=slurm', 'sweeper=random', 'osc train --help'],
  );
}

/** The `defaults` of a config file: a map of groups to choices, or a list of such maps. */
export function selectionsOfFile(defaults: Tree, layer: number): Selection[] {
  const wrong = (): never => {
    throw new UsageError(
      `"defaults" in ${describeOrigin(defaults.origin)} should be a map of groups to choices, e.g. { model: vit_global }.`,
      isBranch(defaults) ? undefined : `It is ${describeValue(defaults.value)}.`,
      ['osc config groups'],
    );
  };
  const read = (key: string, value: Value, origin: Origin): Selection => {
    const names = value === null || Array.isArray(value) ? value : [value];
    const choices = names?.filter((name) => typeof name === 'string') ?? null;
    if (choices?.length !== names?.length) {
      throw new UsageError(
        `"defaults" in ${describeOrigin(origin)} should choose a name for ${key}, not ${describeValue(value)}.`,
      );
    }
    const [group, pkg] = cut(key, '@');
    return {
      group: group.replace(/^(override\s+)?\/?/, ''),
      ...(pkg === undefined ? {} : { package: pkg }),
      choices,
      operation: 'either',
      origin,
      layer,
    };
  };
  if (isBranch(defaults)) {
    return Array.from(defaults.children, ([key, node]) =>
      isBranch(node) ? wrong() : read(key, node.value, node.origin),
    );
  }
  if (!Array.isArray(defaults.value)) return wrong();
  return defaults.value
    .filter((entry) => entry !== '_self_')
    .flatMap((entry) =>
      isMap(entry) ? Object.entries(entry).map(([key, value]) => read(key, value, defaults.origin)) : wrong(),
    );
}

/** The choice of a group that an override makes. @throws UsageError if its value is no name */
export function selectionOfOverride(override: Override, layer: number): Selection {
  const origin: Origin = { kind: 'override', text: override.text };
  const { value } = override;
  if (override.operation === 'force') {
    throw new UsageError(
      `The override ${shownText(override.text)} uses ++, which is for values, on the config group ${override.key}.`,
      undefined,
      [`${override.key}=${String(value)}`, `+${override.key}=${String(value)}`],
    );
  }
  const names = value === undefined || value === null ? null : Array.isArray(value) ? value : [value];
  // 2 and true can be names of files
  const choices = names?.map((name) => (typeof name === 'object' ? wrongChoice(override, name) : String(name))) ?? null;
  if (choices?.some((name) => name === '')) wrongChoice(override, '');
  return {
    group: override.key,
    ...(override.package === undefined ? {} : { package: override.package }),
    choices,
    operation: override.operation,
    origin,
    layer,
  };
}

function wrongChoice(override: Override, value: Value): never {
  throw new UsageError(
    `The override ${shownText(override.text)} should choose a name for the config group ${override.key}, not ${describeValue(value)}.`,
    undefined,
    [`osc config groups ${override.key}`],
  );
}
