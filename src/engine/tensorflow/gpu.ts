/** What of an NVIDIA GPU can be seen without TensorFlow. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What a driver puts there: on Linux, and on Linux within Windows. */
const DEVICES = ['/dev/nvidiactl', '/dev/dxg'];

/** False where there can be no GPU, true where there may be one. */
export function mayHaveGpu(): boolean {
  return process.platform === 'win32' || DEVICES.some((path) => existsSync(path));
}

type Execute = (command: string, args: readonly string[]) => string;

const execute: Execute = (command, args) =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** Name of the GPU that TensorFlow takes, which is the first one it may see. */
export function gpuName(env: NodeJS.ProcessEnv = process.env, run: Execute = execute): string {
  const first = env['CUDA_VISIBLE_DEVICES']?.split(',')[0]?.trim() || '0';
  try {
    const names = run('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader', '-i', first]);
    return names.split('\n')[0]!.trim() || 'NVIDIA GPU';
  } catch {
    return 'NVIDIA GPU'; // no nvidia-smi
  }
}
