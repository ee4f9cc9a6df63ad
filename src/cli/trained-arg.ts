import { Args, Flags } from '@oclif/core';

/** `RUN|CHECKPOINT` of commands that work on a trained model. */
export const trainedArg = Args.string({
  name: 'RUN|CHECKPOINT',
  description: 'A run directory, its name, or latest; or the folder of a checkpoint.',
  required: true,
});

/** `--weights NAME` of the same commands. */
export const weightsFlag = Flags.string({
  summary: 'Use the weights that a callback of the run kept (ema: averages) instead of those that were trained.',
  helpValue: 'NAME',
});

/** `--trust-plugins`, of commands that open a run. */
export const trustPluginsFlag = Flags.boolean({
  summary: 'Load plugins that only the run names: its folder comes from somebody whom you trust with code.',
  default: false,
});
