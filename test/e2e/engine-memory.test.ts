/** 500 training steps of changing batch sizes need no more memory than 100: tensors, the engine's heap, JavaScript's, all. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const PROGRAM = join(__dirname, 'engines/memory.mjs');
const STEPS = 500;
/** Of points, which are ten steps apart: by then every batch size has been there, and code is compiled. */
const SETTLED = 10;
const WINDOW = 5;
/**
 * 350 steps lie between the windows. Measured: the JavaScript heap grows by 0.4 to 0.6 MB (code that V8 still compiles;
 * it ends after some thousand steps), RSS by 1 %. A leak of 4 kB a step in the first, or of 16 kB (a third of
 * the images of the largest batch) anywhere, is over these bounds.
 */
const HEAP_BYTES = 1.2e6;
const RSS_RATIO = 1.03;

interface Point {
  tensors: number;
  used: number;
  reserved: number;
  javascript: number;
  rss: number;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

test.each(['native', 'wasm'])(
  '%s',
  (engine) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', PROGRAM, engine, String(STEPS)], {
      encoding: 'utf8',
    });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const points = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Point);
    expect(points).toHaveLength(STEPS / 10);
    for (const key of ['tensors', 'used', 'reserved'] as const) {
      expect({ [key]: new Set(points.map((point) => point[key])).size }).toEqual({ [key]: 1 });
    }
    const at = (key: keyof Point, from: number): number =>
      mean(points.slice(from, from + WINDOW).map((point) => point[key]));
    const last = points.length - WINDOW;
    expect(at('javascript', last) - at('javascript', SETTLED)).toBeLessThan(HEAP_BYTES);
    expect(at('rss', last) / at('rss', SETTLED)).toBeLessThan(RSS_RATIO);
  },
  120_000,
);
