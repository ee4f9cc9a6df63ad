/** Compiles tfjs-node's addon against the library of the wheel: two files, without node-gyp, make and Node's headers. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { RunError } from '../../../sdk/errors';
import { packageFolder } from '../find';
import { packageOf } from '../variant';
import type { InstallContext } from './context';
import { watch } from './measure';
import { lastLines } from '../process';

const NODE_API_VERSION = 8;
const SOURCES = ['binding/tfjs_backend.cc', 'binding/tfjs_binding.cc'];
const ADDON = `lib/napi-v${NODE_API_VERSION}/tfjs_binding.node`;

/** For the compiler, run in the package's folder. The addon finds the library by its own place, wherever it is moved. */
export function compilerArguments(nodeApiHeaders: string): string[] {
  return [
    ...['-shared', '-fPIC', '-O2', '-std=c++17', `-DNAPI_VERSION=${NODE_API_VERSION}`],
    ...['-I', nodeApiHeaders, '-I', 'deps/include', ...SOURCES, '-o', ADDON],
    ...['-L', 'deps/lib', '-ltensorflow', '-ltensorflow_framework', '-Wl,-rpath,$ORIGIN/../../deps/lib'],
  ];
}

/** Stands for what this step makes. */
export function addonKey(): string {
  return compilerArguments('').join(' ');
}

/** @throws RunError with the compiler's words */
export async function compileAddon({ variant, folder, tools, run, progress }: InstallContext): Promise<void> {
  const target = packageFolder(folder, variant);
  mkdirSync(join(target, `lib/napi-v${NODE_API_VERSION}`), { recursive: true });
  const headers = join(folder, 'node_modules', 'node-api-headers', 'include');
  const task = { label: 'Compiling the addon', total: 1, unit: 'addon', measure: () => 0 };
  const result = await watch(progress, task, () => run(tools.compiler, compilerArguments(headers), { cwd: target }));
  if (result.code === 0) return;
  throw new RunError(`${tools.compiler} could not compile the addon of ${packageOf(variant)}.`, lastLines(result, 6), [
    'CXX=/path/to/another/compiler in the environment',
  ]);
}
