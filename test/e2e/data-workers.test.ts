/** Worker threads of the data pipeline, with the built package and a third party's data set. Needs `npm run build`. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const DRIVER = join(__dirname, 'data-workers/driver.mjs');

interface Outcome {
  readonly batches?: readonly { readonly indices: readonly number[]; readonly sha256: string }[];
  readonly skipped?: number;
  readonly next?: string;
  readonly early?: number;
  readonly late?: number;
  readonly error?: { name: string; message: string; try?: string[]; stack: string };
  readonly from?: number;
  readonly to?: number;
  readonly log: readonly {
    readonly level: string;
    readonly message: string;
    readonly isMainThread?: boolean;
    readonly at?: number;
  }[];
}

/** A process that does not end by itself, because a worker keeps it alive, fails by its time limit. */
async function drive(request: Record<string, unknown>): Promise<Outcome> {
  const { stdout } = await promisify(execFile)(process.execPath, [DRIVER, JSON.stringify(request)], {
    timeout: 30_000,
  });
  return JSON.parse(stdout) as Outcome;
}

test('batches do not depend on the number of workers', async () => {
  const faults = { 3: 'read', 8: 'decode' };
  const request = { epoch: 2, onBadRecord: 'skip', stripes: { length: 42, faults } };
  const [none, one, two] = await Promise.all([0, 1, 2].map((numWorkers) => drive({ ...request, numWorkers })));
  expect(none!.batches).toHaveLength(10);
  expect(one!.batches).toEqual(none!.batches);
  expect(two!.batches).toEqual(none!.batches);
  expect([none!.skipped, one!.skipped, two!.skipped]).toEqual([2, 2, 2]);
  const warnings = (outcome: Outcome) => outcome.log.filter(({ level }) => level === 'warn');
  expect(warnings(none!)).toHaveLength(2);
  expect(warnings(two!)).toEqual(warnings(none!));
});

test('the rest of an epoch is the same from any batch on', async () => {
  const [whole, rest] = await Promise.all([
    drive({ epoch: 1, numWorkers: 2 }),
    drive({ epoch: 1, numWorkers: 1, fromBatch: 6 }),
  ]);
  expect(rest.batches).toEqual(whole.batches!.slice(6));
});

test("a worker's log lines reach the logger", async () => {
  const { log } = await drive({ numWorkers: 1, shuffle: false });
  expect(log).toContainEqual(expect.objectContaining({ level: 'debug', message: 'decoded', index: 0 }));
  expect(log.every(({ isMainThread }) => isMainThread === false)).toBe(true);
});

test('batches are made while the main thread computes', async () => {
  const slow = { cropSize: [128, 128], stripes: { height: 240, width: 320 } };
  const { from, to, log } = await drive({ action: 'block', numWorkers: 1, ...slow });
  const meanwhile = log.filter(({ at }) => at !== undefined && at > from! && at < to!);
  expect(meanwhile.length).toBeGreaterThanOrEqual(4); // a batch
});

test("a worker's error is the trainer's, with all it says", async () => {
  const { error } = await drive({ numWorkers: 2, stripes: { faults: { 5: 'decode' } } });
  expect(error).toMatchObject({
    name: 'RunError',
    message: 'Record 5 of stripes is broken (byte offset 5). On purpose.',
    try: ['look away'],
  });
});

test('a bug in a worker is not skipped and keeps the stack of where it happened', async () => {
  const { error } = await drive({ numWorkers: 1, onBadRecord: 'skip', stripes: { faults: { 5: 'bug' } } });
  expect(error).toMatchObject({ name: 'TypeError', message: 'stripes are not a function' });
  expect(error!.stack).toContain('osc-plugin-stripes');
});

test('a worker that dies is an error, even where broken records are skipped', async () => {
  const { error } = await drive({ numWorkers: 1, onBadRecord: 'skip', stripes: { faults: { 5: 'exit' } } });
  expect(error!.name).toBe('RunError');
  expect(error!.message).toMatch(/^A data worker ended unexpectedly\. It was working on record \d+ of stripes\./);
});

test('closing while a batch is waited for ends the wait, the workers and the process', async () => {
  const { next } = await drive({ action: 'close', numWorkers: 2, stripes: { length: 4000 } });
  expect(next).toMatch('closed');
});

test('after a stop in mid-epoch the source can be used again', async () => {
  const [stopped, fresh] = await Promise.all([
    drive({ action: 'stop', numWorkers: 2 }),
    drive({ action: 'epoch', numWorkers: 2 }),
  ]);
  expect(stopped.batches).toEqual(fresh.batches);
});

test('memory does not grow over an epoch of 300 batches (1.9 GB of crops)', async () => {
  const stripes = { length: 2400 };
  const { early, late } = await drive({ action: 'memory', numWorkers: 1, batchSize: 8, cropSize: [128, 128], stripes });
  expect(late! - early!).toBeLessThan(64 * 2 ** 20);
});
