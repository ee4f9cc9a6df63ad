import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import type { OscConfig } from '../config';
import {
  RANDOM,
  RunError,
  UsageError,
  type Figure,
  type FigureContext,
  type NoPicture,
  type Picture,
  type RandomSource,
  type ViewedModel,
} from '../sdk';
import { Figures, type FiguresOptions } from './figures';

const dot = (level: number): Picture => ({ width: 1, height: 1, pixels: Uint8Array.of(level, level, level) });
const drawing = (draw: (context: FigureContext) => Picture | NoPicture): Figure => ({
  draw: (context) => Promise.resolve().then(() => draw(context)),
});

let dir: string;
let log: [level: string, message: string][];
const told = (): string[] =>
  log.filter(([level]) => level !== 'debug').map(([level, message]) => `${level}: ${message}`);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'osc-figures-'));
  log = [];
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Figures by name; those whose name starts with `their` are of a third party. */
function open(figures: Readonly<Record<string, Figure>>, { maxSamples = 2, names = Object.keys(figures) } = {}) {
  const logTo = (level: string) => (message: string) => void log.push([level, message]);
  const viz = { seed: 7, max_samples: maxSamples, figures: names.map((name) => ({ name, options: { of: name } })) };
  const provided: Record<string, unknown>[] = [];
  const registry = {
    spec: { plugins: [], from: dir },
    create: (kind: string, name: string, { options, provide }: { options: unknown; provide: Map<symbol, unknown> }) => {
      provided.push({ kind, options, random: (provide.get(RANDOM) as RandomSource).stream('x').uniform() });
      return Promise.resolve(figures[name]);
    },
    lookup: (_: string, name: string) => ({ builtin: !name.startsWith('their'), packageName: `osc-plugin-${name}` }),
  } as unknown as FiguresOptions['registry'];
  const opened = Figures.open({
    config: {
      data: { name: 'none', options: {}, viz, normalize: { mean: [0, 0, 0], std: [1, 1, 1] } },
    } as unknown as OscConfig,
    registry,
    model: { dimensions: {}, usesObjects: false, globalFromSlots: false } as ViewedModel,
    masks: [],
    logger: { error: logTo('error'), warn: logTo('warn'), info: logTo('info'), debug: logTo('debug') },
  });
  return opened.then((result) => ({ figures: result!, provided }));
}

test('each is drawn into a file of its name and epoch, in the order of the config', async () => {
  const { figures, provided } = await open({ b: drawing(() => dot(1)), a: drawing(({ count }) => dot(count)) });
  expect(await figures.draw(5, dir)).toEqual(['b', 'a'].map((name) => join(dir, `figures/${name}-epoch-0005.png`)));
  const { data } = await sharp(join(dir, 'figures/a-epoch-0005.png')).raw().toBuffer({ resolveWithObject: true });
  expect([...data]).toEqual([2, 2, 2]);
  expect(provided).toMatchObject(['b', 'a'].map((of) => ({ kind: 'figure', options: { of } })));
  expect(provided[0]!['random']).not.toBe(provided[1]!['random']);
});

test('SVG is rendered on white', async () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="1"><rect width="1" height="1" fill="blue"/></svg>';
  const { figures } = await open({ svg: drawing(() => ({ svg })) });
  const [path] = await figures.draw(1, dir);
  const { data, info } = await sharp(path).raw().toBuffer({ resolveWithObject: true });
  expect([[...data], info.width, info.channels]).toEqual([[0, 0, 255, 255, 255, 255], 2, 3]);
});

test('no figures, or no images in them: nothing to open', async () => {
  expect((await open({})).figures).toBeNull();
  expect((await open({ a: drawing(() => dot(1)) }, { maxSamples: 0 })).figures).toBeNull();
});

test.each<[string, () => Picture | NoPicture, RegExp]>([
  ['throws', () => { throw new Error('no such layer'); }, /: no such layer$/], // prettier-ignore
  ['throws what a user is told', () => { throw new RunError('The file is gone.'); }, /: The file is gone\.$/], // prettier-ignore
  [
    'gives pixels of another size',
    () => ({ width: 2, height: 2, pixels: new Uint8Array(4) }),
    /4 values .* \[2, 2, 3\]/,
  ],
  ['gives what is no SVG', () => ({ svg: '<svg' }), /: ./],
  ['gives nothing', () => undefined as never, /: ./],
])('one that %s is reported once, with its package, and the others are drawn on', async (_, draw, message) => {
  const { figures } = await open({ theirs: drawing(draw), ours: drawing(() => dot(1)) });
  await figures.draw(1, dir);
  await figures.draw(2, dir);
  expect(readdirSync(join(dir, 'figures'))).toEqual(['ours-epoch-0001.png', 'ours-epoch-0002.png']);
  expect(told()).toHaveLength(1);
  expect(told()[0]).toMatch(/^warn: The figure theirs of osc-plugin-theirs failed and is left out from now on: /);
  expect(told()[0]).toMatch(message);
});

test('one with nothing to draw says why, once', async () => {
  const { figures } = await open({ a: drawing(() => ({ none: 'the model has no slots' })) });
  expect(await figures.draw(1, dir)).toEqual([]);
  expect(await figures.draw(2, dir)).toEqual([]);
  expect(told()).toEqual(['info: Nothing to draw for the figure a: the model has no slots.']);
});

test('what the user can mend is told before training, a mistake of a figure is not', async () => {
  const failing = (error: Error): Figure => ({ ...drawing(() => dot(1)), check: () => Promise.reject(error) });
  await expect(open({ a: failing(new UsageError('There is no split test.')) })).rejects.toThrow(
    'There is no split test.',
  );
  const { figures } = await open({ theirs: failing(new TypeError('no such method')) });
  expect(await figures.draw(1, dir)).toEqual([]);
  expect(told()).toEqual([
    expect.stringMatching(/^warn: The figure theirs of osc-plugin-theirs failed .*no such method$/),
  ]);
  await expect(open({ a: drawing(() => dot(1)) }, { names: ['a', 'a'] })).rejects.toThrow('lists a more than once');
});
