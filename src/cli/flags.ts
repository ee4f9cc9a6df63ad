import { Flags } from '@oclif/core';
import { UsageError } from '../sdk/errors';
import { COMPONENT_KINDS, type ComponentKind } from '../sdk/kinds';

/** `--plugin`, of commands that only look at components. */
export const pluginFlag = Flags.string({
  summary: 'Enable this plugin too: the name of a package, or a path. May be repeated.',
  helpValue: 'NAME|PATH',
  multiple: true,
  multipleNonGreedy: true,
});

/** `--plugin`, of commands that compose a config. */
export const projectPluginFlag = Flags.string({
  summary: 'Choose a component by name (NAME or KEY=NAME), or load a plugin package (its name, or a path).',
  description:
    'The component takes the place of the one chosen for its key, with its default options. May be repeated; comes ' +
    'before the overrides, which can then change its options.',
  helpValue: 'NAME|KEY=NAME|PACKAGE',
  multiple: true,
  multipleNonGreedy: true,
});

/** What help says of overrides. */
export const OVERRIDES_HELP =
  'OVERRIDES change the config as in Hydra: key=value, group=name, +group=name, +key=value, ++key=value, ~key. ' +
  'Lists are [4,4], maps {a: 1}; text with special characters goes in quotes: "logging.notes=\'a, b\'". ' +
  '`osc config groups` lists the groups, `osc config show` the keys.';

interface Choice<T> {
  readonly helpValue: string;
  readonly parse: (text: string, context: unknown, flag: { readonly name: string }) => Promise<T>;
}

/** For `Flags.custom`: one of a few words. */
export function oneOf<const T extends string>(choices: readonly T[]): Choice<T> {
  return {
    helpValue: choices.join('|'),
    parse: (text, _, { name }) => {
      const choice = choices.find((candidate) => candidate === text);
      if (choice !== undefined) return Promise.resolve(choice);
      throw new UsageError(`--${name} should be one of ${choices.join(', ')}, not "${text}".`);
    },
  };
}

/** A flag that takes a whole number, of at least `min`. */
export const integerFlag = Flags.custom<number, { min?: number }>({
  helpValue: 'N',
  parse: (text, _, { name, min = -Infinity }) => {
    const number = Number(text);
    if (/^-?\d+$/.test(text) && number >= min) return Promise.resolve(number);
    const least = min === -Infinity || !/^-?\d+$/.test(text) ? '' : ` greater than or equal to ${min}`;
    throw new UsageError(`--${name} should be an integer${least}, not "${text}".`);
  },
});

/** `--kind` */
export const kindFlag = Flags.custom<ComponentKind>(oneOf(COMPONENT_KINDS))({
  summary: `Look at one kind only: ${COMPONENT_KINDS.join(', ')}.`,
  helpValue: 'KIND',
});

const IMAGE_SIZE = /^(\d+),(\d+)$/;

/** `--image-size H,W` */
export const imageSizeFlag = Flags.custom<readonly [number, number]>({
  helpValue: 'H,W',
  parse: (text) => {
    const [, height, width] = IMAGE_SIZE.exec(text) ?? [];
    if (height !== undefined && width !== undefined) return Promise.resolve([Number(height), Number(width)]);
    throw new UsageError(`--image-size should be a height and a width, not "${text}".`, undefined, [
      '--image-size 240,320',
    ]);
  },
});
