/** From the votes of neighbours to numbers. Letters: N images, k neighbours, V questions. */
import { areaUnderRoc, averagePrecision } from 'osc-trainer/sdk/metrics';
import type { Neighbors } from './neighbors';

/** `[N, k]`: weights of the votes, of one image up to a factor. */
function voteWeights({ similarities }: Neighbors, k: number, temperature: number): Float64Array {
  return Float64Array.from(similarities, (similarity, i) => {
    const nearest = similarities[i - (i % k)]!; // taken off, so that nothing overflows at a low temperature
    return Math.exp((similarity - nearest) / temperature);
  });
}

/** The votes of the neighbours of each image, one call for each image. */
function* votes(neighbors: Neighbors, k: number, temperature: number) {
  const weights = voteWeights(neighbors, k, temperature);
  for (let start = 0; start < weights.length; start += k) {
    yield { voters: neighbors.indices.subarray(start, start + k), weights: weights.subarray(start, start + k) };
  }
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Classification of the number of objects: the number with the greatest weight of votes, of equal ones the smaller.
 *
 * @param counts `[N]`
 * @returns accuracy, and that of always saying the most frequent number
 */
export function scoreCounts(
  counts: readonly number[],
  neighbors: Neighbors,
  k: number,
  temperature: number,
): { accuracy: number; chance: number } {
  const hits: number[] = [];
  const numClasses = counts.reduce((greatest, count) => Math.max(greatest, count), 0) + 1;
  for (const { voters, weights } of votes(neighbors, k, temperature)) {
    const sums = new Float64Array(numClasses);
    voters.forEach((voter, i) => {
      sums[counts[voter]!]! += weights[i]!;
    });
    const answer = sums.reduce((best, sum, count) => (sum > sums[best]! ? count : best), 0);
    hits.push(Number(answer === counts[hits.length]));
  }
  const frequencies = new Map<number, number>();
  for (const count of counts) frequencies.set(count, (frequencies.get(count) ?? 0) + 1);
  return { accuracy: mean(hits), chance: Math.max(...frequencies.values()) / counts.length };
}

/**
 * Each question on its own: its score is the part of the weight of votes that says yes. Questions that all images have the
 * same answer to are left out.
 *
 * @param answers N times `[V]`, 0 or 1
 * @returns means over questions of average precision, of the area under the ROC curve, and of the part of positive
 *   answers, which is the average precision of guessing; null where no question is left
 */
export function scoreQuestions(
  answers: readonly Uint8Array[],
  neighbors: Neighbors,
  k: number,
  temperature: number,
): { map: number; auroc: number; chance: number } | null {
  const numQuestions = answers[0]!.length;
  const scores = Array.from({ length: numQuestions }, () => new Float64Array(answers.length));
  let image = 0;
  for (const { voters, weights } of votes(neighbors, k, temperature)) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    voters.forEach((voter, i) => {
      answers[voter]!.forEach((answer, v) => {
        if (answer === 1) scores[v]![image]! += weights[i]! / total;
      });
    });
    image++;
  }
  const asked = scores
    .map((ofQuestion, v) => ({ ofQuestion, labels: Uint8Array.from(answers, (ofImage) => ofImage[v]!) }))
    .filter(({ labels }) => labels.includes(0) && labels.includes(1));
  if (asked.length === 0) return null;
  return {
    map: mean(asked.map(({ labels, ofQuestion }) => averagePrecision(labels, ofQuestion))),
    auroc: mean(asked.map(({ labels, ofQuestion }) => areaUnderRoc(labels, ofQuestion))),
    chance: mean(asked.map(({ labels }) => labels.reduce((sum, label) => sum + label, 0) / labels.length)),
  };
}
