import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunInfo, Tracker } from '../../contracts/training';
import type { ContractContext } from './context';

const METRICS = { 'l_global/train': 1.5, 'l_objects/train': 0.25, lr: 7e-14, epoch: 0 };

export function trackerContract({ runner: { it }, make }: ContractContext): void {
  const inRun = async (body: (run: RunInfo) => Promise<void>): Promise<void> => {
    const dir = await mkdtemp(join(tmpdir(), 'osc-tracker-'));
    try {
      await body({ dir, name: 'brave-otter', config: { optimizer: { name: 'adam' } }, firstStep: 0, firstEpoch: 0 });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  };

  for (const status of ['finished', 'stopped', 'failed'] as const) {
    it(`takes the metrics of a run that is ${status}`, () =>
      inRun(async (run) => {
        const tracker = make<Tracker>(1);
        await tracker.start(run);
        await tracker.log(METRICS, { step: 10, epoch: 0 });
        await tracker.log(METRICS, { step: 20, epoch: 1 });
        await tracker.finish(status);
      }));
  }

  it('goes on with a resumed run', () =>
    inRun(async (run) => {
      const [before, after] = [make<Tracker>(1), make<Tracker>(1)];
      await before.start(run);
      await before.log(METRICS, { step: 10, epoch: 0 });
      await before.finish('stopped');
      await after.start({ ...run, firstStep: 10, firstEpoch: 1 });
      await after.log(METRICS, { step: 20, epoch: 1 });
      await after.finish('finished');
    }));

  it('takes a metric that is not finite: the trainer logs what it has before it stops', () =>
    inRun(async (run) => {
      const tracker = make<Tracker>(1);
      await tracker.start(run);
      await tracker.log({ 'l_global/train': NaN, lr: Infinity }, { step: 1, epoch: 0 });
      await tracker.finish('failed');
    }));
}
