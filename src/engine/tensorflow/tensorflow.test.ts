import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../sdk/errors';
import { defaultThreads } from '../machine';
import { detectTensorflow, type Surroundings } from './detect';
import type { FoundPackage } from './find';
import { gpuName } from './gpu';
import { restoreUtil, setEnvironment } from './load';
import type { Finished, Run } from './process';
import { prepareTensorflow } from './tensorflow';

const gpuPackage: FoundPackage = { variant: 'gpu', folder: tmpdir(), addon: join(tmpdir(), 'no-such-addon.node') };

describe('detecting', () => {
  const detect = (surroundings: Partial<Surroundings>): ReturnType<typeof detectTensorflow> =>
    detectTensorflow({ found: gpuPackage, hasGpu: true, run: never, ...surroundings });
  const never: Run = () => Promise.reject(new Error('Nothing has to be run.'));
  const answering =
    (finished: Partial<Finished>): Run =>
    () =>
      Promise.resolve({ code: 0, found: true, stdout: '', output: '', ...finished });

  test('not installed; the command only where there is a GPU', async () => {
    const needs = expect.stringContaining('tfjs-node');
    expect(await detect({ found: null, hasGpu: false })).toEqual({ usable: false, found: 'not installed', needs });
    expect(await detect({ found: null })).toMatchObject({
      improve: 'To train on the NVIDIA GPU of this machine: osc engine install tensorflow --gpu.',
    });
  });

  test('the package for the CPU is usable, but not taken unasked', async () => {
    const found: FoundPackage = { ...gpuPackage, variant: 'cpu' };
    const detection = await detect({ found, hasGpu: false });
    expect(detection).toMatchObject({ usable: true, notForAuto: 'installed for the CPU only' });
    expect(detection.found).toMatch(/^@tensorflow\/tfjs-node 4\.22\.0 in /);
    expect(detection.improve).toBeUndefined();
    expect((await detect({ found })).improve).toContain('osc engine install tensorflow --gpu');
  });

  test('nor that for a GPU where there is none, or where TensorFlow cannot use it', async () => {
    expect(await detect({ hasGpu: false })).toMatchObject({
      usable: true,
      notForAuto: 'there is no driver of an NVIDIA GPU here',
    });
    const run = answering({ stdout: '{"version":"2.21.0","onGpu":false,"threads":2}' });
    expect(await detect({ run })).toMatchObject({
      usable: true,
      notForAuto: expect.stringContaining('TensorFlow can use no GPU'),
    });
  });

  test('that for a GPU is taken where TensorFlow sees one', async () => {
    const run = answering({ stdout: '{"version":"2.21.0","onGpu":true,"threads":2}' });
    const detection = await detect({ run });
    expect(detection).toMatchObject({ usable: true, found: expect.stringContaining(', which sees NVIDIA') });
    expect(detection.notForAuto).toBeUndefined();
  });

  test('one that does not run is not usable, and its words are told', async () => {
    const run = answering({ code: 1, output: 'libcudart.so.12: cannot open shared object file.\n' });
    expect(await detect({ run })).toMatchObject({
      usable: false,
      found: expect.stringMatching(/ does not run here\. It said: libcudart\.so\.12: cannot open shared object file$/),
    });
    expect(await detect({ run: never })).toMatchObject({ usable: false });
  });
});

test('where it is not installed, preparing names the commands and where it looked', async () => {
  const { OSC_ENGINES_DIR } = process.env;
  const empty = (process.env['OSC_ENGINES_DIR'] = mkdtempSync(join(tmpdir(), 'osc-engines-')));
  try {
    const error: unknown = await prepareTensorflow().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({
      what: 'The engine "tensorflow" is not installed.',
      why: expect.stringContaining(empty),
      hints: ['osc engine install tensorflow', 'osc engine install tensorflow --gpu', 'engine.name=auto'],
    });
  } finally {
    if (OSC_ENGINES_DIR === undefined) delete process.env['OSC_ENGINES_DIR'];
    else process.env['OSC_ENGINES_DIR'] = OSC_ENGINES_DIR;
  }
});

describe('the environment of TensorFlow', () => {
  test('memory of the GPU as needed, float32 products, threads', () => {
    const env = {};
    setEnvironment(3, env);
    expect(env).toEqual({
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
      NVIDIA_TF32_OVERRIDE: '0',
      TF_CPP_MIN_LOG_LEVEL: '2',
      TF_NUM_INTRAOP_THREADS: '3',
    });
  });

  test("keeps the user's own", () => {
    const env = {
      TF_FORCE_GPU_ALLOW_GROWTH: 'false',
      TF_CPP_MIN_LOG_LEVEL: '0',
      NVIDIA_TF32_OVERRIDE: '1',
      TF_NUM_INTRAOP_THREADS: '5',
    };
    const before = { ...env };
    setEnvironment(null, env);
    expect(env).toEqual(before);
  });
});

test('what Node 23 dropped is put back, what is there stays', () => {
  const isArray = (): string => 'mine';
  const module: { isArray: unknown; isNullOrUndefined?: (value: unknown) => boolean } = { isArray };
  restoreUtil(module);
  expect(module.isArray).toBe(isArray);
  expect([null, undefined, 0, ''].map(module.isNullOrUndefined!)).toEqual([true, true, false, false]);
});

test('without a number of threads, as many as osc takes everywhere', () => {
  const env: NodeJS.ProcessEnv = {};
  setEnvironment(null, env);
  expect(env['TF_NUM_INTRAOP_THREADS']).toBe(String(defaultThreads()));
});

test.each(['all', '0', '-1', ''])('a number of threads that is none, "%s", counts as not set', (text) => {
  const env: NodeJS.ProcessEnv = { TF_NUM_INTRAOP_THREADS: text };
  setEnvironment(null, env);
  expect(env['TF_NUM_INTRAOP_THREADS']).toBe(String(defaultThreads()));
});

test('TensorFlow begins no more threads than the other engines', () => {
  const env: NodeJS.ProcessEnv = {};
  setEnvironment(1e9, env);
  expect(env['TF_NUM_INTRAOP_THREADS']).toBe('256');
});

describe('the name of the GPU', () => {
  test('is that of the first one that may be seen', () => {
    const run = jest.fn(() => 'NVIDIA H100 80GB HBM3\n');
    expect(gpuName({ CUDA_VISIBLE_DEVICES: '2,3' }, run)).toBe('NVIDIA H100 80GB HBM3');
    expect(run).toHaveBeenCalledWith('nvidia-smi', expect.arrayContaining(['-i', '2']));
    expect(gpuName({}, run)).toBe('NVIDIA H100 80GB HBM3');
    expect(run).toHaveBeenLastCalledWith('nvidia-smi', expect.arrayContaining(['-i', '0']));
  });

  test('is not known without nvidia-smi', () => {
    const run = (): string => {
      throw new Error('ENOENT');
    };
    expect(gpuName({}, run)).toBe('NVIDIA GPU');
  });
});
