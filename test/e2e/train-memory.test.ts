/** Training for long does not need more memory than training for short. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runJson } from './run-cli';
import { TINY, workingDirectory } from './training';

const PLUGIN = join(__dirname, 'fixtures/plugins/osc-plugin-memory');
const STEPS = 400;
/** Points are ten steps apart. By the tenth the heap and the engine's memory have found their size. */
const SETTLED = 10;
const WINDOW = 5;

interface Point {
  step: number;
  tensors: number;
  rss: number;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

test('over 300 steps the number of tensors is the same and the resident memory within 5 %', async () => {
  const place = workingDirectory();
  const { runDir } = await runJson<{ runDir: string }>(
    ['train', ...TINY, '--plugin', PLUGIN, 'logging.trackers=[memory]', `training.num_epochs=${STEPS / 8}`],
    { ...place, env: { ...place.env, NODE_OPTIONS: '--expose-gc' } },
  );
  const points = readFileSync(join(runDir, 'memory.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Point);
  expect(points).toHaveLength(STEPS / 10);
  expect(new Set(points.map(({ tensors }) => tensors)).size).toBe(1);
  const rss = (from: number): number => mean(points.slice(from, from + WINDOW).map((point) => point.rss));
  expect(rss(points.length - WINDOW) / rss(SETTLED)).toBeLessThan(1.05);
}, 120_000);
