import { component, MAX_SWEEP_JOBS, UsageError, z } from 'osc-trainer/sdk';
import type { SearchDimension, Sweeper, SweptValue, Trial } from 'osc-trainer/sdk';

const schema = z.strictObject({});

@component({
  kind: 'sweeper',
  name: 'grid',
  aliases: ['basic'],
  summary: 'Every combination of the choices, the last one varying fastest',
  options: schema,
})
export class GridSweeper implements Sweeper {
  check(space: readonly SearchDimension[]): void {
    const open = space.find(({ choices }) => choices === undefined);
    if (open !== undefined) {
      throw new UsageError(
        `The sweeper grid cannot search ${open.key}: an interval has no list of values.`,
        'It runs every combination of the choices.',
        ['sweeper=random', `${open.key}=VALUE,VALUE`, `${open.key}=range(START,STOP,STEP)`],
      );
    }
    const lengths = space.map(({ choices = [] }) => choices.length);
    const count = lengths.reduce((product, length) => product * length, 1);
    if (count > MAX_SWEEP_JOBS) {
      const product = lengths.filter((length) => length > 1).join(' × ');
      throw new UsageError(
        `The sweep has ${count} jobs (${product}), and at most ${MAX_SWEEP_JOBS} are allowed.`,
        undefined,
        ['fewer choices', 'sweeper=random sweeper.num_jobs=20, to run some of them'],
      );
    }
  }

  propose(space: readonly SearchDimension[], trials: readonly Trial[]): SweptValue[][] {
    if (trials.length > 0) return [];
    return space.reduce<SweptValue[][]>(
      (jobs, { choices = [] }) => jobs.flatMap((values) => choices.map((value) => [...values, value])),
      [[]],
    );
  }
}
