import { Flags } from '@oclif/core';
import { UsageError } from '../sdk/errors';
import { COMPONENT_KINDS } from '../sdk/kinds';

/** `--plugin`, of commands that only look at components. */
export const pluginFlag = Flags.string({
  summary: 'Enable this plugin too: the name of a package, or a path. May be repeated.',
  helpValue: 'NAME|PATH',
  multiple: true,
  multipleNonGreedy: true,
});

/** `--kind` */
export const kindFlag = Flags.option({ options: COMPONENT_KINDS })({
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
