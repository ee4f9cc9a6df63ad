/** The built modules, and which of them this runtime can run. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';
import type { Detection } from '../contract';
import { wasm, type WasmModule } from './webassembly';

/** Best first: with products and sums in one instruction, which round once where the processor has it; without. */
export const FORMS = ['relaxed', 'simd'] as const;
export type Form = (typeof FORMS)[number];

/** In `src`, from `src` as from `dist`. */
const FOLDER = path.join(__dirname, '../../../src/engine/wasm');

const bytesOf = (form: Form): Uint8Array => readFileSync(path.join(FOLDER, `osc-${form}.wasm`));

/** Node 20 has relaxed SIMD behind a flag, which counts for what is compiled later. */
function allowRelaxedSimd(): void {
  if (process.versions.node.startsWith('20.')) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** @throws where the modules are not there */
export function usableForms(): Form[] {
  allowRelaxedSimd();
  return FORMS.filter((form) => wasm.validate(bytesOf(form)));
}

export function compileModule(form: Form): WasmModule {
  allowRelaxedSimd();
  return new wasm.Module(bytesOf(form));
}

const IN_WORDS: Readonly<Record<Form, string>> = { relaxed: 'relaxed SIMD', simd: 'SIMD' };

export const deviceOf = (form: Form): string => `WebAssembly, ${IN_WORDS[form]}`;

/** What `osc doctor` and the choice of `auto` ask. */
export function detectWasm(): Detection {
  try {
    const form = usableForms()[0];
    if (form) return { usable: true, found: deviceOf(form) };
    return { usable: false, found: 'this processor or Node has no WebAssembly SIMD with threads' };
  } catch (error) {
    return { usable: false, found: `its modules cannot be read (${(error as Error).message})` };
  }
}
