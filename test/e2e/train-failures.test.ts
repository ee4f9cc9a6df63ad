/** The world fails in the middle of a run: what was saved stays, and the message says how to go on. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { runCli, runJson } from './run-cli';
import { checkpointsOf, resultOf, TINY, workingDirectory } from './training';

const place = workingDirectory();

test('a loss that is not finite: code 1, the tensor by name, and no checkpoint of it', async () => {
  const runDir = join(place.cwd, 'not-finite');
  const args = ['train', ...TINY, '--run-dir', runDir, 'optimizer.start_lr=1e30', 'training.checkpoint_steps=1'];
  const { code, stderr } = await runCli(args, place);
  expect(code).toBe(1);
  expect(stderr).toMatch(/not finite/);
  expect(stderr).toMatch(/[Pp]arameter (backbone|global|obj)\S+|model output \w+|loss l_\w+/);
  expect(stderr).toMatch(/checkpoint/);
  expect(stderr).not.toMatch(/\n\s+at /);
});

/** A file system of a fixed size; null where this user may not mount one. */
function mountTmpfs(size: string): { path: string; resize(to: string): void; unmount(): void } | null {
  const path = mkdtempSync(join(tmpdir(), 'osc-full-'));
  const mount = (...args: string[]): boolean => spawnSync('mount', args).status === 0;
  if (!mount('-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path)) return null;
  return {
    path,
    resize: (to) => void mount('-o', `remount,size=${to}`, path),
    unmount: () => void spawnSync('umount', ['-l', path]),
  };
}

describe('a full disk', () => {
  const disk = mountTmpfs('700k');
  const testWhereMounted = disk === null ? test.skip : test;
  afterAll(() => disk?.unmount());

  testWhereMounted(
    'RunError with the last checkpoint intact; with room again the run goes on to the same bytes',
    async () => {
      const args = [...TINY, 'training.checkpoint_steps=1', 'training.keep_checkpoints=1000', 'data.viz.max_samples=0'];
      const whole = await runJson<{ runDir: string }>(['train', ...args], place);

      const runDir = join(disk!.path, 'run');
      const failed = await runCli(['train', ...args, '--run-dir', runDir], place);
      expect(failed.code).toBe(1);
      expect(failed.stderr).toMatch(/Error: Could not write .*The disk is full\./);
      expect(failed.stderr).toMatch(/The last checkpoint is kept: .*step-\d+/);
      expect(failed.stderr).toContain(`osc train --resume ${runDir}`);
      expect(failed.stderr).not.toMatch(/\n\s+at /);
      expect(readdirSync(join(runDir, 'checkpoints')).filter((name) => name.startsWith('.tmp'))).toEqual([]);
      expect(failed.stderr).toContain(checkpointsOf(runDir)[0]!);

      disk!.resize('20m');
      const resumed = await runCli(['train', '--resume', runDir], place);
      expect({ code: resumed.code, stderr: resumed.stderr }).toMatchObject({ code: 0 });
      expect(resultOf(runDir)).toEqual(resultOf(whole.runDir));
    },
  );
});

test('a data file that is cut off: file, record and place', async () => {
  const at = { cwd: place.cwd, env: { XDG_CACHE_HOME: join(place.cwd, 'cache') } };
  await runJson(['train', ...TINY, 'training.num_epochs=1'], at);
  const cached = readdirSync(at.env.XDG_CACHE_HOME, { recursive: true, encoding: 'utf8' });
  const file = join(
    at.env.XDG_CACHE_HOME,
    cached.find((name) => /train.*tfrecords$/.test(name))!,
  );
  truncateSync(file, statSync(file).size - 2000);
  const { code, stderr } = await runCli(['train', ...TINY], at);
  expect(code).toBe(1);
  expect(stderr).toContain(file);
  expect(stderr).toMatch(/record \d+/i);
  expect(stderr).toMatch(/offset|byte/i);
});

describe('a record whose checksum is wrong', () => {
  const at = { cwd: place.cwd, env: { XDG_CACHE_HOME: join(place.cwd, 'checksum') } };
  let file: string;
  beforeAll(async () => {
    await runJson(['train', ...TINY, 'training.num_epochs=1'], at);
    const cached = readdirSync(at.env.XDG_CACHE_HOME, { recursive: true, encoding: 'utf8' });
    file = join(
      at.env.XDG_CACHE_HOME,
      cached.find((name) => /train.*tfrecords$/.test(name))!,
    );
    const bytes = gunzipSync(readFileSync(file));
    bytes[bytes.length - 100]! ^= 1; // in the data of the last record
    writeFileSync(file, gzipSync(bytes));
  });

  test('stops the run, with file, record and place', async () => {
    const { code, stderr } = await runCli(['train', ...TINY], at);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining(file) });
    expect(stderr).toMatch(/record 63/i);
  });

  test('data.on_bad_record=skip leaves it out, counts it and says so', async () => {
    const { code, stdout, stderr } = await runCli(['train', ...TINY, 'data.on_bad_record=skip'], at);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Left out +1 broken record: see train\.log/);
    expect(stderr).toMatch(/record 63/i);
  });
});
