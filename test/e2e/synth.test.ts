/** `osc data synth` as a user runs it, and generation in threads, which exist in the built package only. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const osc = join(__dirname, '../../dist/cli/bin.js');

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'osc-e2e-synth-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [osc, 'data', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = start(...args);
  let [stdout, stderr] = ['', ''];
  child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

const SMALL = ['--image-size', '48,64'];

/** Waits until the file that is being written has come to be. */
async function untilWriting(child: ChildProcess): Promise<void> {
  while (!readdirSync(root).some((name) => name.endsWith('.partial'))) {
    if (child.exitCode !== null) throw new Error(`It ended with code ${child.exitCode} before it wrote.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

it('writes the same bytes with any number of threads, and reads them back', async () => {
  const alone = await run('synth', '--out', 'one.tfrecords', '--num', '70', ...SMALL, '--json', 'threads=1');
  expect(alone).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(alone.stdout)).toMatchObject({ file: 'one.tfrecords', records: 70 });
  for (const threads of [2, 3]) {
    const file = `${threads}.tfrecords`;
    const { code } = await run('synth', '--out', file, '--num', '70', ...SMALL, `threads=${threads}`);
    expect(code).toBe(0);
    expect(readFileSync(join(root, file)).equals(readFileSync(join(root, 'one.tfrecords')))).toBe(true);
  }
  const other = await run('synth', '--out', 'other.tfrecords', '--num', '70', ...SMALL, '--seed', '1');
  expect(other.code).toBe(0);
  expect(readFileSync(join(root, 'other.tfrecords')).equals(readFileSync(join(root, 'one.tfrecords')))).toBe(false);
});

it('writes files that osc data info and show take for published ones', async () => {
  expect(await run('synth', '--out', 'a.tfrecords', '--num', '2')).toMatchObject({ code: 0 });
  const info = await run('info', 'a.tfrecords');
  expect(info.stdout).toContain('2 records');
  expect(info.stdout).toMatch(/mask +\[11, 240, 320, 1\]/);
  const show = await run('show', 'a.tfrecords', '--index', '1', '--output', 'a.png', '--json');
  expect(JSON.parse(show.stdout)).toMatchObject({ height: 240, width: 320, numMasks: 11 });
  expect(existsSync(join(root, 'a.png'))).toBe(true);
});

it('overwrites only when asked', async () => {
  const args = ['synth', '--out', 'a.tfrecords', '--num', '1', ...SMALL];
  await run(...args);
  const again = await run(...args);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('a.tfrecords is there already');
  expect((await run(...args, '--overwrite')).code).toBe(0);
});

it.each([
  [['min_object=3'], 'did you mean min_objects'],
  [['min_objects=11'], '"min_objects"'],
  [['min_objects=5', 'max_objects=4'], 'is more than data.max_objects'],
  [['--image-size', '240'], '--image-size should be'],
  [['--image-size', '8,8'], '"image_size'],
  [['--dataset', 'CLEVR10'], 'is not generated'],
  [['--dataset', 'scene'], 'Did you mean "scenes"'],
  [['seed=1,2'], 'several values'],
  [['+seed=1'], 'no option of a component'],
])('%j is an error found before work starts', async (args, message) => {
  const { code, stderr } = await run('synth', '--out', 'a.tfrecords', ...args);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
  expect(readdirSync(root)).toEqual([]);
});

it('leaves no half file when killed, and clears up the next time', async () => {
  const args = ['synth', '--out', 'a.tfrecords', ...SMALL];
  const child = start(...args, '--num', '5000');
  const closed = once(child, 'close');
  await untilWriting(child);
  child.kill('SIGKILL');
  await closed;
  expect(existsSync(join(root, 'a.tfrecords'))).toBe(false);
  expect((await run(...args, '--num', '3')).code).toBe(0);
  expect(readdirSync(root).filter((name) => name.endsWith('.partial'))).toEqual([]);
});

it('leaves nothing when interrupted', async () => {
  const child = start('synth', '--out', 'a.tfrecords', ...SMALL, '--num', '5000');
  const closed = once(child, 'close');
  await untilWriting(child);
  child.kill('SIGINT');
  expect(await closed).toEqual([1, null]);
  expect(readdirSync(root)).toEqual([]);
});

test('files of another size are shown when the size is given', async () => {
  expect((await run('synth', '--out', 's.tfrecords', '--num', '2', ...SMALL)).code).toBe(0);
  const show = ['show', 's.tfrecords', '--index', '1', '--output', 's.png'];
  expect(await run(...show)).toMatchObject({ code: 2, stderr: expect.stringContaining('--image-size H,W') });
  expect(await run(...show, '--image-size', '48')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^Error: --image-size should be a height and a width, not "48"\.\n/),
  });
  const { stdout } = await run(...show, ...SMALL, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ height: 48, width: 64, numMasks: 11 });
  expect(existsSync(join(root, 's.png'))).toBe(true);
});
