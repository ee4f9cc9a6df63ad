import { component, inject, MAX_SWEEP_JOBS, OPTIONS, RandomSource, z } from 'osc-trainer/sdk';
import type { SearchDimension, Sweeper, SweptValue, Trial } from 'osc-trainer/sdk';
import { distinctValues, drawValue, identityOf, numValues } from './draw-value';

const schema = z.strictObject({
  num_jobs: z
    .int()
    .min(1)
    .max(MAX_SWEEP_JOBS)
    .default(20)
    .describe('jobs to draw; fewer where there are not so many combinations'),
  seed: z.int().nonnegative().default(0).describe('seed of the draws; the same seed gives the same jobs'),
});

type Options = z.infer<typeof schema>;

/** Draws for a job, at most: an interval may be so narrow that it has few numbers. */
const MAX_DRAWS = 100;

@component({
  kind: 'sweeper',
  name: 'random',
  summary: 'Jobs drawn at random from choices, ranges and intervals',
  options: schema,
})
export class RandomSweeper implements Sweeper {
  constructor(@inject(OPTIONS) private readonly options: Options) {}

  propose(space: readonly SearchDimension[], trials: readonly Trial[]): SweptValue[][] {
    if (trials.length > 0) return [];
    const combinations = space.reduce((product, dimension) => product * numValues(dimension), 1);
    const wanted = Math.min(this.options.num_jobs, combinations);
    // to draw until none is missing would take long
    return 2 * wanted > combinations ? this.#pick(space, combinations, wanted) : this.#draw(space, wanted);
  }

  /** Jobs that differ. A value depends on its key and the number of the draw: a further dimension does not change it. */
  #draw(space: readonly SearchDimension[], count: number): SweptValue[][] {
    const source = new RandomSource(this.options.seed);
    const jobs = new Map<string, SweptValue[]>();
    for (let draw = 0; jobs.size < count && draw < MAX_DRAWS * count; draw++) {
      const values = space.map((dimension) => drawValue(dimension, source.stream(dimension.key, draw)));
      const id = values.map(identityOf).join('\n');
      if (!jobs.has(id)) jobs.set(id, values);
    }
    return [...jobs.values()];
  }

  /** Of all combinations some, in random order. */
  #pick(space: readonly SearchDimension[], combinations: number, count: number): SweptValue[][] {
    const columns = space.map(distinctValues);
    const picked = new RandomSource(this.options.seed).stream('combinations').sample(combinations, count);
    return Array.from(picked, (index) => {
      let rest = index;
      return columns.map((column) => {
        const value = column[rest % column.length] ?? null;
        rest = Math.floor(rest / column.length);
        return value;
      });
    });
  }
}
