import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AtomicFile, FileExistsError, syncFolder, writeFileAtomically, writeNewFile } from './durable-files';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osc-durable-'));
  file = join(folder, 'new', 'file.txt');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('makes the folder, replaces a file, and leaves nothing else', async () => {
  await writeFileAtomically(file, 'one');
  await writeFileAtomically(file, Uint8Array.of(116, 119, 111));
  expect(readFileSync(file, 'utf8')).toBe('two');
  expect(readdirSync(dirname(file))).toEqual(['file.txt']);
});

test('a file that is there is not replaced unasked, also where somebody was quicker', async () => {
  await writeFileAtomically(file, 'one', false);
  await expect(writeFileAtomically(file, 'two', false)).rejects.toThrow(FileExistsError);
  const late = join(folder, 'late');
  const target = await AtomicFile.create(late, false);
  writeFileSync(late, 'quicker');
  await expect(target.commit()).rejects.toThrow(`The file ${late} is there already.`);
  expect(readFileSync(late, 'utf8')).toBe('quicker');
  expect(readdirSync(folder).sort()).toEqual(['late', 'new']);
});

test('the file has its old content until it is whole', async () => {
  await writeFileAtomically(file, 'old');
  const target = await AtomicFile.create(file, true);
  await target.handle.writeFile('new');
  expect(readFileSync(file, 'utf8')).toBe('old');
  await target.discard();
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(dirname(file))).toEqual(['file.txt']);
});

test('a write that fails leaves the old file and no other', async () => {
  await writeFileAtomically(file, 'old');
  const probe = await open(file);
  const writing = jest.spyOn(Object.getPrototypeOf(probe) as typeof probe, 'writeFile');
  await probe.close();
  writing.mockRejectedValue(new Error('no space left'));
  try {
    await expect(writeFileAtomically(file, 'new')).rejects.toThrow('no space left');
  } finally {
    writing.mockRestore();
  }
  expect(readFileSync(file, 'utf8')).toBe('old');
  expect(readdirSync(dirname(file))).toEqual(['file.txt']);
});

test('what a killed writer left behind is cleared; that of a living one is not', async () => {
  const left = (pid: number): string => join(folder, `.a.${hostname()}-${pid}.partial`);
  writeFileSync(left(999_999_999), 'half');
  writeFileSync(left(process.ppid), 'half');
  await writeFileAtomically(join(folder, 'a'), 'whole');
  expect(existsSync(left(999_999_999))).toBe(false);
  expect(existsSync(left(process.ppid))).toBe(true);
});

test('a new file is never an old one', async () => {
  await writeNewFile(join(folder, 'a'), 'one');
  await expect(writeNewFile(join(folder, 'a'), 'two')).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('one');
});

test('folders cannot be synced on Windows, and are not', async () => {
  const platform = Object.getOwnPropertyDescriptor(process, 'platform')!;
  const missing = join(folder, 'missing');
  await expect(syncFolder(missing)).rejects.toMatchObject({ code: 'ENOENT' });
  Object.defineProperty(process, 'platform', { ...platform, value: 'win32' });
  try {
    await syncFolder(missing);
  } finally {
    Object.defineProperty(process, 'platform', platform);
  }
});
