/** What we use of WebAssembly: TypeScript has its types only with those of browsers. */

/** Compiled code: any number of instances, in any thread. */
export type WasmModule = object;

export interface WasmMemory {
  /** Another object after each growth; the old ones stay, with their old length. */
  readonly buffer: SharedArrayBuffer;
  /** @returns the pages before; throws a RangeError where there is no more */
  grow(pages: number): number;
}

interface WasmNamespace {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: unknown };
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
}

export const wasm = (globalThis as unknown as { WebAssembly: WasmNamespace }).WebAssembly;
