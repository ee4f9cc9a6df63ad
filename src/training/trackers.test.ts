import { RunError, UsageError, type Tracker } from '../sdk';
import { Trackers } from './trackers';

const logger = { error: jest.fn(), warn: jest.fn(), info: jest.fn(), debug: jest.fn() };
beforeEach(() => {
  jest.clearAllMocks();
});

const info = { dir: '/runs/one', name: 'one', config: {}, firstStep: 0, firstEpoch: 0 };
const point = { step: 0, epoch: 0 };

const nothing = (): Promise<void> => Promise.resolve();
const mocks = () => ({
  start: jest.fn<Promise<void>, Parameters<Tracker['start']>>(nothing),
  log: jest.fn<Promise<void>, Parameters<Tracker['log']>>(nothing),
  finish: jest.fn<Promise<void>, Parameters<Tracker['finish']>>(nothing),
});

test.each(['start', 'log', 'finish'] as const)('one that throws in %s is told of once and left out', async (where) => {
  const failing = { ...mocks(), [where]: jest.fn(() => Promise.reject(new Error('no network'))) };
  const good = mocks();
  const trackers = new Trackers(
    [
      { name: 'cloud', tracker: failing },
      { name: 'disk', tracker: good },
    ],
    logger,
  );
  await trackers.start(info);
  await trackers.log({ loss: 1 }, point);
  await trackers.log({ loss: 2 }, point);
  await trackers.finish('finished');
  expect(failing[where]).toHaveBeenCalledTimes(1);
  expect(good.log.mock.calls).toEqual([
    [{ loss: 1 }, point],
    [{ loss: 2 }, point],
  ]);
  expect(good.finish.mock.calls).toEqual([['finished']]);
  expect(logger.warn.mock.calls).toEqual([
    [`The tracker cloud failed in ${where} and is left out from now on: no network`],
  ]);
});

test('a full disk ends the run, and so does what a tracker tells the user', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const start = (error: Error): Promise<void> =>
    new Trackers([{ name: 'disk', tracker: { ...mocks(), start: () => Promise.reject(error) } }], logger).start(info);
  await expect(start(full)).rejects.toThrow(RunError);
  const usage = new UsageError('There is no project of that name.');
  await expect(start(usage)).rejects.toBe(usage);
  expect(logger.warn).not.toHaveBeenCalled();
});

test('nothing is finished that was not started, and no metrics are no line', async () => {
  const one = mocks();
  const trackers = new Trackers([{ name: 'one', tracker: one }], logger);
  await trackers.finish('failed');
  expect(one.finish).not.toHaveBeenCalled();
  await trackers.start(info);
  await trackers.log({}, point);
  expect(one.log).not.toHaveBeenCalled();
});
