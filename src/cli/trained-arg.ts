import { Args } from '@oclif/core';

/** `RUN|CHECKPOINT` of commands that work on a trained model. */
export const trainedArg = Args.string({
  name: 'RUN|CHECKPOINT',
  description: 'A run directory, its name, or latest; or the folder of a checkpoint.',
  required: true,
});
