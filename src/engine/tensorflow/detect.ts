/** What there is of the engine `tensorflow`, without loading it into this process. */
import type { Detection } from '../contract';
import { checkPackage } from './check-package';
import { findPackage, type FoundPackage } from './find';
import { gpuName, mayHaveGpu } from './gpu';
import { lastLines, runProcess, type Finished, type Run } from './process';
import { installCommand, packageOf, TFJS_NODE_VERSION } from './variant';

/** What of this machine `detect` looks at; tests give their own. */
export interface Surroundings {
  readonly found: FoundPackage | null;
  readonly hasGpu: boolean;
  readonly run: Run;
}

/**
 * Only TensorFlow can tell whether it can use a GPU. Where there may be one it is asked, in a process of its own: that
 * takes a second or two.
 */
export async function detectTensorflow({
  found = findPackage(),
  hasGpu = mayHaveGpu(),
  run = runProcess,
}: Partial<Surroundings> = {}): Promise<Detection> {
  const improve = hasGpu ? { improve: `To train on the NVIDIA GPU of this machine: ${installCommand('gpu')}.` } : {};
  if (found === null) return { usable: false, found: 'not installed', needs: NEEDS, ...improve };
  const { variant, folder } = found;
  const what = `${packageOf(variant)} ${TFJS_NODE_VERSION} in ${folder}`;
  const usable = { usable: true, found: what, needs: NEEDS };
  if (variant === 'cpu') return { ...usable, notForAuto: 'installed for the CPU only', ...improve };
  if (!hasGpu) return { ...usable, notForAuto: 'there is no driver of an NVIDIA GPU here' };
  const result = await checkPackage(folder, variant, run).catch((error: unknown) => failed(error));
  if (!('version' in result)) {
    const said = lastLines(result).replace(/[.\s]+$/, '');
    return { usable: false, found: `${what} does not run here. ${said}`, needs: NEEDS };
  }
  if (result.onGpu) return { ...usable, found: `${what}, which sees ${gpuName()}` };
  return { ...usable, notForAuto: NO_GPU };
}

function failed(error: unknown): Finished {
  return { code: null, found: true, stdout: '', output: String(error) };
}

const NEEDS = 'tfjs-node with its binary; for a GPU its driver, CUDA and cuDNN';

const NO_GPU =
  'TensorFlow can use no GPU, as the driver, CUDA or cuDNN is missing or has another version; ' +
  'it says which with TF_CPP_MIN_LOG_LEVEL=0 and engine.name=tensorflow';
