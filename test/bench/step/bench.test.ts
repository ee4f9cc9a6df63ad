import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { profileOf, timeKernels } from './kernel-profile';
import type { Measurement } from './measure';
import { parseOptions } from './options';
import { parsePeer } from './processes';
import { describeReport, makeReport, type Report } from './report';
import { median, ratiosOf, speedOf } from './statistics';

const SCRIPT = join(__dirname, '../../../.scripts/bench.mjs');

describe('options', () => {
  test('defaults', () => {
    expect(parseOptions([])).toMatchObject({
      images: 32,
      queries: 'learned',
      engine: 'auto',
      steps: 8,
      forward: false,
      peer: null,
      rounds: 1,
    });
  });

  test('all of them', () => {
    const line = '--images 64 --threads 1 --queries sample --engine cpu --steps 3 --forward --peer python3 --json';
    expect(parseOptions(line.split(' '))).toEqual({
      images: 64,
      threads: 1,
      queries: 'sample',
      engine: 'cpu',
      steps: 3,
      forward: true,
      profile: false,
      json: true,
      peer: 'python3',
      rounds: 3,
    });
    expect(parseOptions(['--help'])).toBeNull();
  });

  test.each([
    ['--images 0', '--images should be a whole number from 2 on, not "0".'],
    ['--images 1', '--images should be a whole number from 2 on, not "1".'],
    ['--threads two', '--threads should be a whole number from 1 on, not "two".'],
    ['--steps 1.5', '--steps should be a whole number from 1 on, not "1.5".'],
    ['--queries kmeans', '--queries should be one of learned, sample, kmeans_euclidean, not "kmeans".'],
    ['--engine cpuu', 'There is no engine "cpuu".'],
    ['--peer python3 --profile', '--profile cannot be used with --peer.'],
    ['--peer=', '--peer needs the path of a Python interpreter.'],
    ['--imges 2', "Unknown option '--imges'."],
    ['64', "Unexpected argument '64'."],
  ])('%s is an error', (line, what) => {
    expect(() => parseOptions(line.split(' '))).toThrow(expect.objectContaining({ name: 'UsageError', what }));
  });
});

describe('statistics', () => {
  const ours = [
    { stepSeconds: [2, 1], peakRssMb: 10 },
    { stepSeconds: [4], peakRssMb: 12 },
  ];
  const peer = [{ stepSeconds: [8, 4, 16, 2], peakRssMb: 48 }];

  test('median', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(() => median([])).toThrow(RangeError);
  });

  test('speed is over the steps of all rounds', () => {
    expect(speedOf(8, ours)).toEqual({ medianCropsPerSecond: 4, fastestCropsPerSecond: 8, peakRssMb: 12 });
  });

  test("ratios: our median to the peer's fastest step, and to its median", () => {
    const ratios = ratiosOf(speedOf(8, ours), speedOf(8, peer));
    expect(ratios).toEqual({ medianToFastest: 1, medianToMedian: 3, memory: 0.25 });
  });

  test("the peer's line", () => {
    const line = '{"peer": "torch", "crops_per_s": 2.0, "step_s": [1.5, 2], "peak_rss_mb": 7}';
    expect(parsePeer(`a warning\n${line}\n`)).toEqual({ stepSeconds: [1.5, 2], peakRssMb: 7 });
    for (const broken of ['', '{}', '{"step_s": [], "peak_rss_mb": 7}', 'Killed']) {
      expect(() => parsePeer(broken)).toThrow('The peer printed no times');
    }
  });
});

describe('the profile', () => {
  test('a kernel that calls another does not count its time twice', () => {
    const backendName = 'bench-test';
    let time = 0;
    const call = (kernelName: string) => tf.getKernel(kernelName, backendName).kernelFunc({ inputs: {}, backend: {} });
    const register = (kernelName: string, work: () => void): void => {
      tf.registerKernel({
        kernelName,
        backendName,
        kernelFunc: () => {
          work();
          return [];
        },
      });
    };
    register('Inner', () => (time += 2));
    register('Outer', () => {
      time += 1;
      call('Inner');
      call('Inner');
      time += 4;
    });
    register('Throws', () => {
      time += 8;
      throw new Error('no');
    });
    const clock = timeKernels(backendName, () => time);
    call('Inner');
    clock.reset();
    call('Outer');
    call('Inner');
    expect(() => call('Throws')).toThrow('no');
    expect(clock.times()).toEqual([
      { kernel: 'Inner', calls: 3, milliseconds: 6 },
      { kernel: 'Outer', calls: 1, milliseconds: 5 },
      { kernel: 'Throws', calls: 1, milliseconds: 8 },
    ]);
  });

  test('shares, largest first, and what is left', () => {
    const times = [
      { kernel: 'Small', calls: 4, milliseconds: 1000 },
      { kernel: 'Large', calls: 1, milliseconds: 2000 },
    ];
    expect(profileOf(times, [1, 3])).toEqual({
      millisecondsPerStep: 2000,
      kernels: [
        { kernel: 'Large', callsPerStep: 0.5, millisecondsPerStep: 1000, share: 0.5 },
        { kernel: 'Small', callsPerStep: 2, millisecondsPerStep: 500, share: 0.25 },
      ],
      rest: { millisecondsPerStep: 500, share: 0.25 },
    });
  });
});

test('rounds whose losses differ are told', () => {
  const round = (loss: number): Measurement => ({
    engine: { name: 'x', threads: 1, device: 'y' },
    stepSeconds: [1],
    peakRssMb: 1,
    values: [{ l_global: loss }],
    profile: null,
  });
  const options = parseOptions(['--rounds', '2'])!;
  const machine = { processor: 'p', cores: 1, node: 'v', load: 0 };
  const describeRounds = (...losses: number[]): string =>
    describeReport(makeReport(options, machine, losses.map(round), []));
  expect(describeRounds(1, 1 + 1e-12)).toContain('NOT REPRODUCIBLE');
  expect(describeRounds(1, 1)).not.toContain('REPRODUCIBLE');
});

test('what a measurement refuses is an error for people, told once', async () => {
  const env = { ...process.env, NODE_ENV: undefined, OSC_INSTRUCTION_SET: 'SSE9' };
  const failed = promisify(execFile)(process.execPath, [SCRIPT, '--engine', 'native', '--steps', '1'], { env });
  const { code, stderr } = (await failed.catch((error: unknown) => error)) as { code: number; stderr: string };
  expect(code).toBe(2);
  expect(stderr.match(/Error: /g)).toHaveLength(1);
  expect(stderr).toContain('OSC_INSTRUCTION_SET is "SSE9", which this processor does not have.');
});

/** On the built code. */
async function bench(line: string): Promise<Report> {
  const env = { ...process.env, NODE_ENV: undefined };
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, ...line.split(' '), '--json'], { env });
  return JSON.parse(stdout) as Report;
}

// measured: 494 MB, and 222
test.each([
  ['training', 800, ''],
  ['evaluation', 400, ' --forward'],
])('memory of 64 images, %s: at most %i MB', async (_, most, flag) => {
  const { osc } = await bench(`--images 64 --steps 1 --engine native${flag}`);
  expect(osc.peakRssMb).toBeLessThan(most);
});

test('npm run bench: one document', async () => {
  const { osc, peer, ratios } = await bench('--images 2 --steps 1 --threads 1 --engine wasm --profile --rounds 2');
  expect({ peer, ratios }).toEqual({ peer: null, ratios: null });
  expect(osc).toMatchObject({ engine: { name: 'wasm', threads: 1 }, reproducible: true });
  expect(osc.rounds.map(({ stepSeconds }) => stepSeconds.length)).toEqual([1, 1]);
  expect(osc.values).toHaveLength(3);
  // it learns: the input is the same at every step
  expect(osc.values[2]!['l_objects']).toBeLessThan(osc.values[0]!['l_objects']!);
  const { kernels, rest } = osc.profile!;
  expect(kernels.map(({ kernel }) => kernel)).toContain('BatchMatMul');
  expect(kernels.reduce((sum, { share }) => sum + share, rest.share)).toBeCloseTo(1, 9);
  expect(rest.share).toBeGreaterThan(0);
});
