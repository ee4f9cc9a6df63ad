/** The native addon as a library of kernels. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RunError } from '../../sdk/errors';
import type { Detection } from '../contract';
import { chooseInstructionSet, INSTRUCTION_SET_VARIABLE, inWords } from './instruction-set';
import type { KernelFunction, KernelName, Library } from './library';

/** `instructionSets`, best first: names of cpp/kernels.cc. */
interface Addon extends Record<KernelName, KernelFunction> {
  readonly sourceHash: string;
  instructionSets(): string[];
  init(threads: number, instructionSet: string): number;
  memory(bytes: number): ArrayBuffer;
}

/** Found beside package.json, from `src` as from `dist`. */
const ROOT = path.join(__dirname, '../../..');
const FILE = path.join(ROOT, '.native', `osc-${process.platform}-${process.arch}.node`);
const SOURCES = path.join(ROOT, 'src/engine/native/cpp');

/** @throws Error why it cannot be loaded, in words */
export function loadAddon(): Addon {
  let addon: Addon;
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the only way to load an addon
    addon = require(FILE) as Addon;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(
      code === 'MODULE_NOT_FOUND' ? 'its addon has not been built' : `its addon does not load (${message})`,
    );
  }
  if (addon.sourceHash !== sourceHash()) throw new Error('its addon was built from other sources than are here');
  return addon;
}

/** As install.mjs computes it. */
function sourceHash(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(SOURCES).sort()) hash.update(name).update(readFileSync(path.join(SOURCES, name)));
  return hash.digest('hex').slice(0, 16);
}

/** What `osc doctor` and the choice of `auto` ask. */
export function detectNative(): Detection {
  const needs = 'an addon, which installing osc builds with a C++ compiler (g++ or clang++)';
  try {
    const set = chooseInstructionSet(loadAddon().instructionSets());
    if ('problem' in set) {
      const improve = `Set ${INSTRUCTION_SET_VARIABLE} to one of ${set.available}, or to nothing.`;
      return { usable: false, found: set.problem, needs, improve };
    }
    const why = set.isForced ? `, as ${INSTRUCTION_SET_VARIABLE} says` : '';
    const found = `addon for ${process.platform}-${process.arch}, takes ${inWords(set.name)}${why}`;
    return { usable: true, found, needs };
  } catch (error) {
    const improve =
      'Install a C++ compiler (Debian: apt install g++; macOS: xcode-select --install) and run: npm rebuild osc-trainer.';
    return { usable: false, found: (error as Error).message, needs, improve };
  }
}

export interface NativeLibrary extends Library {
  readonly threads: number;
  readonly instructionSet: string;
}

/** @throws RunError where there is no more, or a tensor is larger than 4 GB */
function memoryOf(addon: Addon, bytes: number): ArrayBuffer {
  try {
    return addon.memory(bytes);
  } catch (cause) {
    throw new RunError(
      `The engine native has no memory for ${Math.ceil(bytes / 2 ** 20)} MB more.`,
      'A tensor cannot have more than 4096 MB, nor all of them together more than the system gives: take a smaller training.batch_size.',
      [],
      { cause },
    );
  }
}

export function nativeLibrary(addon: Addon, wanted: { threads: number; instructionSet: string }): NativeLibrary {
  const threads = addon.init(wanted.threads, wanted.instructionSet);
  return {
    kernels: addon,
    memory: (bytes) => ({ buffer: memoryOf(addon, bytes), byteOffset: 0, byteLength: bytes }),
    readsAnyArray: true,
    threads,
    instructionSet: wanted.instructionSet,
  };
}
