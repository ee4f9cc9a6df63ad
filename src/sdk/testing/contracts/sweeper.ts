import type { SearchDimension, Sweeper, SweptValue, Trial } from '../../contracts/sweeper';
import { MAX_SWEEP_JOBS } from '../../contracts/sweeper';
import { isReportedError } from '../../errors';
import { RandomSource } from '../../random';
import { assert, assertEqual, thrownBy } from '../assert';
import type { ContractContext } from './context';

/** Far more rounds of trials than a search with a few dozen jobs has. */
const MAX_ROUNDS = 500;

const CHOICES: readonly SearchDimension[] = [
  { key: 'model.backbone.embed_dim', choices: [64, 128, 256], tags: [] },
  { key: 'losses.l_objects', choices: ['ctr_img', null], tags: ['ablation'] },
  { key: 'data.crop_size', choices: [[64, 64], { height: 128 }], tags: [] },
];
const INTERVALS: readonly SearchDimension[] = [
  { key: 'lr', interval: { low: 1e-4, high: 1e-2, log: true, integer: false }, tags: [] },
  { key: 'dropout', interval: { low: -0.5, high: 0.5, log: false, integer: false }, tags: [] },
  { key: 'depth', interval: { low: 2, high: 9, log: false, integer: true }, tags: ['slow'] },
];
const SPACES: Readonly<Record<string, readonly SearchDimension[]>> = {
  choices: CHOICES,
  intervals: INTERVALS,
  'choices and intervals': [...CHOICES, ...INTERVALS],
  'one value': [{ key: 'a', choices: [1], tags: [] }],
  nothing: [],
};

export function sweeperContract({ runner: { it }, make }: ContractContext): void {
  for (const [name, space] of Object.entries(SPACES)) {
    it(`searches ${name} to an end, or refuses in a UsageError`, async () => {
      const refusal = thrownBy(() => make<Sweeper>(1).check?.(space));
      if (refusal !== null) return assertReported(refusal);
      const written = JSON.stringify(space);
      const jobs = await search(make<Sweeper>(1), space);
      assertEqual(JSON.stringify(space), written, 'The space after the search');
      assert(jobs.length > 0, 'No job was proposed.');
      assert(jobs.length <= MAX_SWEEP_JOBS, `${jobs.length} jobs were proposed, more than ${MAX_SWEEP_JOBS}.`);
      assertEqual(new Set(jobs.map((values) => JSON.stringify(values))).size, jobs.length, 'Jobs that differ');
      jobs.forEach((values, number) => assertInSpace(values, space, `job ${number}`));
      return undefined;
    });

    it(`proposes the same again for the same trials: ${name}`, async () => {
      if (thrownBy(() => make<Sweeper>(1).check?.(space)) !== null) return;
      const first = await search(make<Sweeper>(1), space);
      // resumed: a new instance for each round
      assertEqual(await search(() => make<Sweeper>(1), space), first, 'The jobs of a sweep that is resumed each round');
    });
  }
}

function assertReported(refusal: unknown): void {
  assert(isReportedError(refusal), `check() threw ${String(refusal)}, which is no UsageError.`);
}

/** @throws Error for a value that is none of the dimension's */
function assertInSpace(values: readonly SweptValue[], space: readonly SearchDimension[], job: string): void {
  assertEqual(values.length, space.length, `The number of values of ${job}`);
  space.forEach(({ key, choices, interval }, index) => {
    const value = values[index]!;
    const shown = `${key} of ${job}, ${JSON.stringify(value)},`;
    if (interval === undefined) {
      const known = (choices ?? []).map((choice) => JSON.stringify(choice));
      assert(known.includes(JSON.stringify(value)), `${shown} is none of the choices.`);
      return;
    }
    const { low, high, integer } = interval;
    assert(typeof value === 'number' && value >= low && value <= high, `${shown} is not in [${low}, ${high}].`);
    assert(!integer || Number.isInteger(value), `${shown} is no whole number.`);
  });
}

/** All jobs, with trials that end well, badly and without metrics. */
async function search(
  sweeper: Sweeper | (() => Sweeper),
  space: readonly SearchDimension[],
): Promise<readonly (readonly SweptValue[])[]> {
  const random = new RandomSource(1).stream('trials');
  const jobs: (readonly SweptValue[])[] = [];
  let trials: readonly Trial[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const instance = typeof sweeper === 'function' ? sweeper() : sweeper;
    const proposed = await instance.propose(space, trials);
    if (proposed.length === 0) return jobs;
    trials = [...trials, ...proposed.map((values, index) => trialOf(jobs.length + index, values, random.uniform()))];
    jobs.push(...proposed);
  }
  throw new Error(`The search does not end: it went on for ${MAX_ROUNDS} rounds.`);
}

function trialOf(number: number, values: readonly SweptValue[], loss: number): Trial {
  const metrics = (): Promise<Record<string, number>> =>
    Promise.resolve({ 'l_global/train': loss, 'test/iou': number % 3 === 0 ? NaN : 1 - loss });
  if (number % 5 === 4) return { number, values, state: 'failed', metrics: () => Promise.resolve({}) };
  return { number, values, state: number % 4 === 3 ? 'stopped' : 'finished', metrics };
}
