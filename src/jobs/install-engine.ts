import { installTensorflow, type InstallOutcome } from '../engine/tensorflow/install/install';
import { silentProgress } from '../sdk/logger';
import type { Reporting, Stoppable } from './input';

export interface InstallEngineInput extends Pick<Reporting, 'progress'>, Stoppable {
  /** The one that does not come with osc. */
  readonly engine: 'tensorflow';
  /** The package for NVIDIA GPUs. */
  readonly gpu?: boolean | undefined;
  /** Build on TensorFlow's wheel of PyPI instead of downloading the package's own binary. */
  readonly fromWheel?: boolean | undefined;
  /** Replace what is installed. */
  readonly force?: boolean | undefined;
}

export function installEngine({
  gpu = false,
  fromWheel = false,
  force = false,
  progress = silentProgress,
  signal,
}: InstallEngineInput): Promise<InstallOutcome> {
  return installTensorflow({
    variant: gpu ? 'gpu' : 'cpu',
    fromWheel,
    force,
    progress,
    ...(signal === undefined ? {} : { signal }),
  });
}
