/** `osc data` as a user runs it: the built command line on copies of files written by TensorFlow. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';

const osc = join(__dirname, '../../dist/cli/bin.js');
const shared = join(__dirname, '../../../shared/data/multi_object_tiny');
const onShared = existsSync(shared) ? describe : describe.skip;
const published = 'clevr_with_masks_train.tfrecords';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'osc-e2e-data-'));
  folder = join(root, 'clevr_with_masks');
  mkdirSync(folder);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function start(args: string[]): ChildProcess {
  return spawn(process.execPath, [osc, 'data', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
}

interface Result {
  code: number | null;
  stdout: string;
  stderr: string;
}

function ended(child: ChildProcess): Promise<Result> {
  let [stdout, stderr] = ['', ''];
  child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

const run = (...args: string[]): Promise<Result> => ended(start(args));

/** The published file, `times` over: gzip files in a row are one. */
function publish(times = 1): void {
  const bytes = readFileSync(join(shared, 'clevr_with_masks', published));
  writeFileSync(join(folder, published), Buffer.concat(Array<Buffer>(times).fill(bytes)));
}

const splitFiles = (): string[] => readdirSync(folder).filter((name) => /^imgs_.*\.tfrecords$/.test(name));
const partialFiles = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.partial'));
/** Until the first bytes are in a file that is not whole yet. */
async function untilWriting(child: ChildProcess): Promise<void> {
  const written = (): number => partialFiles().reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  while (written() === 0 && child.exitCode === null) await new Promise((next) => setTimeout(next, 5));
}

/** Of what a file unpacks to. */
const digest = (name: string): string =>
  createHash('sha256')
    .update(gunzipSync(readFileSync(join(folder, name))))
    .digest('hex');

onShared('osc data prepare', () => {
  test('in a fresh folder; a second time it refuses; --overwrite does it again', async () => {
    publish();
    const args = ['prepare', '--data-root', root, '--train', '4', '--val', '2'];
    const first = await run(...args);
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain(`${join(folder, 'imgs_train.tfrecords')}: 4 records`);
    expect(first.stderr).toMatch(/^Splitting CLEVR: 1\.4 MB\n/);
    for (const split of ['train', 'val', 'test']) {
      const name = `imgs_${split}.tfrecords`;
      const reference = gunzipSync(readFileSync(join(shared, 'clevr_with_masks', name)));
      expect(digest(name)).toBe(createHash('sha256').update(reference).digest('hex'));
    }

    writeFileSync(join(folder, 'imgs_val.tfrecords'), 'mine');
    const second = await run(...args, '--json');
    expect(second).toMatchObject({ code: 2, stderr: '' });
    const { error } = JSON.parse(second.stdout) as { error: { code: string; message: string; try: string[] } };
    expect(error.code).toBe('usage');
    expect(error.message).toContain('imgs_val.tfrecords');
    expect(error.try).toEqual([`osc data prepare --data-root ${root} --overwrite`]);
    expect(readFileSync(join(folder, 'imgs_val.tfrecords'), 'utf8')).toBe('mine');

    const third = await run(...args, '--overwrite', '--json');
    expect(third).toMatchObject({ code: 0, stderr: '' });
    const { splits } = JSON.parse(third.stdout) as { splits: { split: string; records: number }[] };
    expect(splits.map(({ split, records }) => [split, records])).toEqual([
      ['train', 4],
      ['val', 2],
      ['test', 2],
    ]);
    expect(partialFiles()).toEqual([]);
  });

  test('killed with SIGKILL it leaves no half file, and runs again as if nothing had been', async () => {
    publish(8);
    const args = ['prepare', '--data-root', root, '--train', '20', '--val', '10'];
    const child = start(args);
    const killed = ended(child);
    await untilWriting(child);
    child.kill('SIGKILL');
    expect((await killed).code).toBeNull();
    expect(partialFiles()).toHaveLength(3);
    expect(splitFiles()).toEqual([]);

    expect(await run(...args)).toMatchObject({ code: 0 });
    expect(splitFiles()).toHaveLength(3);
    expect(partialFiles()).toEqual([]);
    expect(digest('imgs_test.tfrecords')).toHaveLength(64);
  });

  test('stopped with SIGINT it takes away what it wrote', async () => {
    publish(8);
    const child = start(['prepare', '--data-root', root, '--train', '20', '--val', '10']);
    const stopped = ended(child);
    await untilWriting(child);
    child.kill('SIGINT');
    const { code, stderr } = await stopped;
    expect(code).toBe(1);
    expect(stderr).toContain('no split file was written');
    expect([...partialFiles(), ...splitFiles()]).toEqual([]);
  });
});

onShared('osc data info and show', () => {
  test('info of a folder', async () => {
    publish();
    const { code, stdout } = await run('info', root, '--json');
    expect(code).toBe(0);
    const { files } = JSON.parse(stdout) as { files: { file: string; records: number; compression: string }[] };
    expect(files).toMatchObject([{ file: join(folder, published), records: 8, compression: 'GZIP' }]);
    const plain = await run('info', join(folder, published), '--check');
    expect(plain.stdout).toMatch(/mask +\[11, 240, 320, 1\] +uint8, one byte string per value/);
    expect(plain.stdout).toContain('all checksums are right');
  });

  test('show writes a PNG and prints the attributes', async () => {
    publish();
    const { code, stdout } = await run('show', join(folder, published), '--index', '2', '--output', 'sample.png');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^entity +pixels +x +shape/);
    expect(stdout.split('\n').filter((line) => /^ +\d/.test(line))).toHaveLength(11);
    const { width, format } = await sharp(join(root, 'sample.png')).metadata();
    expect(format).toBe('png');
    expect(width).toBeGreaterThan(640);
    const none = await run('show', join(folder, published), '--index', '8');
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('has no record 8. Its 8 records are numbered 0 to 7.');
  });
});
