import type { LrPlan, LrScheduler } from '../../contracts/training';
import { assert, assertEqual } from '../assert';
import type { ContractContext } from './context';

const PLANS: readonly LrPlan[] = [
  { startLr: 1e-3, warmupSteps: 10, stepsPerEpoch: 5 },
  { startLr: 0.1, warmupSteps: 0, stepsPerEpoch: 1 },
  { startLr: 7e-4, warmupSteps: 3, stepsPerEpoch: 100 },
];

export function lrSchedulerContract({ runner: { it }, make }: ContractContext): void {
  const lastStep = (scheduler: LrScheduler, plan: LrPlan): number =>
    plan.warmupSteps + Math.ceil(scheduler.epochs * plan.stepsPerEpoch);

  it('says how many epochs it lasts', async () => {
    const { epochs } = make<LrScheduler>(1);
    assert(Number.isFinite(epochs) && epochs >= 0, `epochs should be a number of epochs, not ${epochs}.`);
  });

  it('gives a finite rate, never below 0, for every step, and after the end of the schedule', async () => {
    const scheduler = make<LrScheduler>(1);
    for (const plan of PLANS) {
      const end = lastStep(scheduler, plan);
      for (const step of stepsTo(end)) {
        const rate = scheduler.learningRate(step, plan);
        assert(Number.isFinite(rate) && rate >= 0, `The rate of step ${step} of ${end} is ${rate}.`);
      }
    }
  });

  it('depends on the step and the plan only, not on the calls before', async () => {
    const [forwards, backwards] = [make<LrScheduler>(1), make<LrScheduler>(2)];
    for (const plan of PLANS) {
      const steps = stepsTo(lastStep(forwards, plan));
      const rates = steps.map((step) => forwards.learningRate(step, plan));
      const reversed = [...steps].reverse().map((step) => backwards.learningRate(step, plan));
      assertEqual(reversed.reverse(), rates, 'The rates asked for from the last step to the first');
    }
  });
}

/** About a hundred steps from 0 to beyond `end`, the first and the last ones among them. */
function stepsTo(end: number): number[] {
  const stride = Math.max(1, Math.floor(end / 100));
  const regular = Array.from({ length: Math.floor(end / stride) + 1 }, (_, i) => i * stride);
  return [...new Set([...regular, end - 1, end, end + 1, 2 * end + 10])]
    .filter((step) => step >= 0)
    .sort((a, b) => a - b);
}
