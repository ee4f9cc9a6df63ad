/** What `detect` finds of the stock backends of TensorFlow.js. */
import { readFileSync } from 'node:fs';
import type { Detection } from './contract';

/** TypeScript has its types only with those of browsers. */
declare const WebAssembly: { validate(bytes: Uint8Array): boolean };

/** `(module (func (result v128) i32.const 0 i8x16.splat))`: valid only where WebAssembly has SIMD. */
const SIMD_MODULE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11],
);

/** Of its package.json: its code stays unloaded. Undefined where it is not installed. */
function installedVersion(packageName: string): string | undefined {
  try {
    const manifest = readFileSync(require.resolve(`${packageName}/package.json`), 'utf8');
    return (JSON.parse(manifest) as { version: string }).version;
  } catch {
    return undefined;
  }
}

function detectPackage(packageName: string, more: string): Detection {
  const version = installedVersion(packageName);
  return version === undefined
    ? { usable: false, found: `${packageName} is not installed`, improve: 'Run npm install anew.' }
    : { usable: true, found: `${packageName} ${version}${more}` };
}

export function detectCpu(): Detection {
  return detectPackage('@tensorflow/tfjs-backend-cpu', '');
}

export function detectTfjsWasm(): Detection {
  const simd = WebAssembly.validate(SIMD_MODULE);
  return detectPackage('@tensorflow/tfjs-backend-wasm', simd ? ', with SIMD' : ', without SIMD');
}
