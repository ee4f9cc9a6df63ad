import { Flags } from '@oclif/core';
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
