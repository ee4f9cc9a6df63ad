import { CosineScheduler } from './cosine-scheduler';

const plan = { startLr: 7e-4, warmupSteps: 10, stepsPerEpoch: 10 };

describe('cosine learning rate', () => {
  const scheduler = new CosineScheduler({ epochs: 4, end_lr: 3e-4 });
  const rate = (step: number): number => scheduler.learningRate(step, plan);

  it('starts at nearly nothing, so that the first step only fills the moments of the optimizer', () => {
    expect(rate(0)).toBeCloseTo(7e-14, 25);
  });

  it('rises linearly to the start rate', () => {
    expect(rate(5)).toBeCloseTo(3.5e-4, 13);
    expect(rate(10)).toBe(7e-4);
  });

  it('is half way down in the middle of the decay', () => {
    expect(rate(30)).toBeCloseTo(5e-4, 15);
  });

  it('never rises after the warm-up and stays at the end rate', () => {
    for (let step = 10; step < 60; step++) expect(rate(step + 1)).toBeLessThanOrEqual(rate(step));
    expect(rate(50)).toBe(3e-4);
    expect(rate(5000)).toBe(3e-4);
  });

  it('does without warm-up, and without decay', () => {
    expect(scheduler.learningRate(0, { ...plan, warmupSteps: 0 })).toBe(7e-4);
    const steps = new CosineScheduler({ epochs: 0, end_lr: 3e-4 });
    expect(steps.learningRate(10, plan)).toBe(7e-4);
    expect(steps.learningRate(11, plan)).toBe(3e-4);
  });
});
