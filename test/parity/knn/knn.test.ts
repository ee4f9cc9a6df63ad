/** Nearest neighbours and their votes against scikit-learn (`make_expected.py`). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { nearestNeighbors, scoreCounts, scoreQuestions } from '../../../plugins/knn';

interface Case {
  readonly name: string;
  readonly k: number;
  readonly temperature: number;
  readonly num_images: number;
  readonly features: number[];
  readonly counts: number[];
  readonly answers: number[][];
  readonly indices: number[];
  readonly accuracy: number;
  readonly map: number;
  readonly auroc: number;
}

const { cases } = JSON.parse(readFileSync(join(__dirname, 'expected.json'), 'utf8')) as { cases: Case[] };

const TOLERANCE = 1e-9;

beforeAll(() => tf.setBackend('cpu'));

test.each(cases)('$name', async ({ features, num_images: numImages, k, temperature, ...recorded }) => {
  const neighbors = await nearestNeighbors(Float32Array.from(features), numImages, k);
  expect([...neighbors.indices]).toEqual(recorded.indices);
  const { accuracy } = scoreCounts(recorded.counts, neighbors, k, temperature);
  expect(accuracy).toBeCloseTo(recorded.accuracy, 12);
  const answers = recorded.answers.map((ofImage) => Uint8Array.from(ofImage));
  const { map, auroc } = scoreQuestions(answers, neighbors, k, temperature)!;
  // votes are weighed by float32 similarities: a score may change, a rank does not
  expect(Math.abs(map - recorded.map)).toBeLessThan(TOLERANCE);
  expect(Math.abs(auroc - recorded.auroc)).toBeLessThan(TOLERANCE);
});
