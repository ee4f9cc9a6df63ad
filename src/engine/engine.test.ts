import * as tf from '@tensorflow/tfjs-core';
import type { Detection, Engine } from './contract';
import { AUTO, chooseEngine, type DetectedEngine, detectEngines, ENGINES, pickEngine } from './index';

test('an unknown name gives the nearest one', () => {
  expect(() => chooseEngine('wasn')).toThrow(expect.objectContaining({ hints: ['engine.name=wasm'] }));
});

describe.each(ENGINES.map((engine) => [engine.name, engine] as const))('%s', (name, engine) => {
  test('detection is made of phrases, and improve of sentences', async () => {
    const detection = await engine.detect();
    for (const phrase of [detection.found, detection.needs, detection.notForAuto]) {
      if (phrase !== undefined) expect(phrase).toMatch(/[^.\s]$/);
    }
    if (detection.improve !== undefined) expect(detection.improve).toMatch(/^[A-Z].*\.$/s);
  });

  test('computes where it is usable', async () => {
    // its hook on Node's resolution has no effect under jest: test/engine-tensorflow runs it
    if (name === 'tensorflow' || !(await engine.detect()).usable) return;
    const info = await engine.prepare();
    expect(info).toMatchObject({ name });
    expect(info.threads).toBeGreaterThanOrEqual(1);
    const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]]));
    expect(await product.data()).toEqual(Float32Array.of(11));
  });
});

test('wasm and cpu are usable wherever osc is installed', async () => {
  const usable = (await detectEngines()).filter(({ detection }) => detection.usable).map(({ engine }) => engine.name);
  expect(usable).toEqual(expect.arrayContaining(['wasm', 'cpu']));
});

describe('auto', () => {
  const detected = (name: string, detection: Partial<Detection>): DetectedEngine => ({
    engine: { name } as Engine,
    detection: { usable: true, found: 'all', ...detection },
  });

  test('takes the first that is usable', () => {
    const choice = pickEngine([detected('gpu', {}), detected('slow', {})]);
    expect(choice).toEqual({ engine: { name: 'gpu' }, why: 'the fastest engine', tips: [] });
  });

  test('says why it passed over the faster ones, and how to get them', () => {
    const choice = pickEngine([
      detected('gpu', { notForAuto: 'sees no GPU' }),
      detected('native', { usable: false, found: 'no binary', improve: 'Run this.' }),
      detected('slow', {}),
    ]);
    expect(choice).toEqual({
      engine: { name: 'slow' },
      why: 'the fastest that is usable here (gpu: sees no GPU; native: no binary)',
      tips: ['Run this.'],
    });
  });

  test('none at all is an error that says what each one lacks', () => {
    const none = [detected('native', { usable: false, found: 'no binary' })];
    expect(() => pickEngine(none)).toThrow('native: no binary');
  });

  test('prepares what it takes, and says why', async () => {
    const { engine, why, tips } = pickEngine(await detectEngines());
    expect(await chooseEngine(AUTO).prepare({ threads: 1 })).toEqual({
      ...(await engine.prepare({ threads: 1 })),
      why: [`${why}.`, ...tips].join(' '),
    });
  });
});
