/**
 * Small inputs that would take all time or memory, and files that are none: each is refused by its name, in less than a second of a
 * processor and less than 200 MB. Needs `npm run build`, and Linux for the memory.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { crc32c } from '@node-rs/crc32';
import { encodeExample, serializeTensor } from 'osc-trainer/sdk/data';
import { runCli } from './run-cli';

const ROOT = realpathSync(mkdtempSync(join(tmpdir(), 'osc-bombs-')));
const MAX_CPU_MS = 1000;
const MAX_MEGABYTES = 200;
/** Of any message, in characters. */
const MAX_MESSAGE = 25_000;

interface Bomb {
  job: string;
  /** Of the job. */
  input: Record<string, unknown>;
  /** What the message must say. */
  says: RegExp;
}

interface Outcome {
  name: string;
  error: { kind: string; message: string; exitCode: number } | null;
  cpuMs: number;
  megabytes: number;
}

let folders = 0;

/** A file in a folder of its own. */
function file(name: string, content: string | Uint8Array): string {
  const path = join(ROOT, String(folders++), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function pipe(name: string): string {
  const path = file(`${name}.folder`, '').replace(/\.folder$/, '');
  execFileSync('mkfifo', [path]);
  return path;
}

const masked = (bytes: Buffer): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

function headerOf(length: number): Buffer {
  const header = Buffer.alloc(12);
  header.writeBigUInt64LE(BigInt(length));
  header.writeUInt32LE(masked(header.subarray(0, 8)), 8);
  return header;
}

function record(data: Buffer): Buffer {
  const footer = Buffer.alloc(4);
  footer.writeUInt32LE(masked(data));
  return Buffer.concat([headerOf(data.length), data, footer]);
}

function varint(value: number): Buffer {
  return value < 128
    ? Buffer.of(value)
    : Buffer.concat([Buffer.of((value % 128) | 128), varint(Math.floor(value / 128))]);
}

function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content]);
}

/** An example of one feature, whose list is `item` so many times over. */
function listOf(kind: 1 | 2 | 3, item: Buffer, megabytes: number): Buffer {
  const list = Buffer.alloc(megabytes * 1e6, item);
  return field(1, field(1, Buffer.concat([field(1, Buffer.from('image')), field(2, field(kind, list))])));
}

/** An example of so many features, each an empty list. */
function features(count: number): Buffer {
  const each = Array.from({ length: count }, (_, i) =>
    field(1, Buffer.concat([field(1, Buffer.from(String(i))), Buffer.of(18, 2, 26, 0)])),
  );
  return field(1, Buffer.concat(each));
}

const gzipped = (bytes: Buffer): string => file('bomb.tfrecords', gzipSync(bytes, { level: 1 }));

function image(shape: number[]): string {
  const values = new Uint8Array(shape.reduce((a, b) => a * b, 1));
  const tensor = serializeTensor({ values, shape });
  return file('image.tfrecords', record(Buffer.from(encodeExample({ image: { kind: 'bytes', values: [tensor] } }))));
}

function safetensors(header: string, bytes = 0): string {
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return file('bomb.safetensors', Buffer.concat([head, Buffer.from(header), Buffer.alloc(bytes)]));
}

/** A header of many tensors that are all of it. */
function sharedTensors(count: number): string {
  const entry = { dtype: 'F32', shape: [100_000], data_offsets: [0, 400_000] };
  return JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, entry])));
}

const config = (text: string): { cwd: string } => ({ cwd: dirname(file('osc.config.yaml', text)) });
const times = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** A run, or what looks like one: `content` in the place of one of its files. */
function run(name: string, content: string | Uint8Array | null): { model: string; cwd: string } {
  const checkpoint = join('checkpoints', 'epoch-0001_step-00000001');
  const folder = dirname(file('config.yaml', 'training: {}\n'));
  mkdirSync(join(folder, checkpoint), { recursive: true });
  const path = join(folder, name === 'state.json' ? join(checkpoint, name) : name);
  if (content === null) execFileSync('mkfifo', [path]);
  else writeFileSync(path, content);
  return { model: folder, cwd: folder };
}

const sparse = (gigabytes: number): string => {
  const path = file('sparse.safetensors', '');
  truncateSync(path, gigabytes * 2 ** 30);
  return path;
};

function plugin(content: string | null): { plugins: string[]; cwd: string } {
  const path = content === null ? pipe('package.json') : file('package.json', content);
  return { plugins: [dirname(path)], cwd: ROOT };
}

const BOMBS: Readonly<Record<string, () => Bomb>> = {
  'YAML: aliases of aliases, of 500 bytes': () => ({
    job: 'composeConfig',
    input: config(`a0: &a0 x\n${times(9, (i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join()}]`)}`),
    says: /osc\.config\.yaml:\d+:\d+ .*more than 50000 values/,
  }),
  'YAML: brackets in brackets': () => ({
    job: 'composeConfig',
    input: config(`a: ${'['.repeat(400_000)}`),
    says: /osc\.config\.yaml .*nested too deeply/,
  }),
  'YAML: half a megabyte of commas': () => ({
    job: 'composeConfig',
    input: config(`a: [${','.repeat(500_000)}]`),
    says: /osc\.config\.yaml .*more than 20000 words and signs/,
  }),
  'YAML: a megabyte': () => ({
    job: 'composeConfig',
    input: config(`a: ${'x'.repeat(1e6)}`),
    says: /osc\.config\.yaml has 1000003 bytes/,
  }),
  'a pipe for a config': () => ({
    job: 'composeConfig',
    input: { cwd: dirname(pipe('osc.config.yaml')) },
    says: /osc\.config\.yaml is a pipe/,
  }),
  'interpolations: maps that double': () => ({
    job: 'composeConfig',
    input: config(`a0: x\n${times(60, (i) => `a${i + 1}: {p: "\${a${i}}", q: "\${a${i}}"}`)}`),
    says: /osc\.config\.yaml:\d+\) .*grows to more than/,
  }),
  'interpolations: a large map, many times': () => ({
    job: 'composeConfig',
    input: config(`big:\n${times(800, (i) => `  k${i}: x`)}\n${times(500, (i) => `b${i}: "\${big}"`)}`),
    says: /more than 200000 values/,
  }),
  'interpolations: a long text, many times': () => ({
    job: 'composeConfig',
    input: config(`big: ${'x'.repeat(49_000)}\n${times(2000, (i) => `b${i}: "\${big}\${big}"`)}`),
    says: /more than 10000000 characters/,
  }),
  'overrides: brackets in brackets': () => ({
    job: 'composeConfig',
    input: { cwd: ROOT, overrides: [`a=${'['.repeat(100_000)}`] },
    says: /The override "a=\[\[.*cannot be read/,
  }),
  'overrides: interpolations in interpolations': () => ({
    job: 'composeConfig',
    input: { cwd: ROOT, overrides: [`+a=${'${'.repeat(50_000)}`] },
    says: /The override "\+a=\$\{.*cannot be read/,
  }),
  'overrides: lists that double': () => ({
    job: 'composeConfig',
    input: {
      cwd: ROOT,
      overrides: ['+a0=[x]', ...Array.from({ length: 40 }, (_, i) => `+a${i + 1}=[\${a${i}},\${a${i}}]`)],
    },
    says: /a\d+ \(the override .*grows to more than/,
  }),
  'overrides: braces that multiply': () => ({
    job: 'composeConfig',
    input: { cwd: ROOT, overrides: [`a.${'{b,c}.'.repeat(30)}d=1`] },
    says: /The override "a\.\{b,c\}/,
  }),
  'overrides: a long one of a key that is there': () => ({
    job: 'composeConfig',
    input: { cwd: ROOT, overrides: [`+training.batch_size=${'x'.repeat(100_000)}`] },
    says: /training\.batch_size/,
  }),
  'gzip: a record of 5 GB, by its length': () => ({
    job: 'describeData',
    input: { path: gzipped(Buffer.concat([headerOf(5e9), Buffer.alloc(1e6)])) },
    says: /Record 0 of .*bomb\.tfrecords is broken.*5000000000 bytes/,
  }),
  'gzip: a record of 40 MB of small integers': () => ({
    job: 'readSample',
    input: { file: gzipped(record(listOf(3, Buffer.of(8, 1), 40))), index: 0 },
    says: /Record 0 of .*bomb\.tfrecords cannot be shown/,
  }),
  'gzip: a record of 40 MB of empty byte strings': () => ({
    job: 'readSample',
    input: { file: gzipped(record(listOf(1, Buffer.of(10, 0), 40))), index: 0 },
    says: /Record 0 of .*bomb\.tfrecords cannot be shown/,
  }),
  'gzip: a record of 40 MB of fields': () => ({
    job: 'describeData',
    input: { path: gzipped(record(Buffer.alloc(40e6, Buffer.of(18, 0)))) },
    says: /Record 0 of .*bomb\.tfrecords is broken.*more than 100000 fields/,
  }),
  'a record of 200 000 features': () => ({
    job: 'describeData',
    input: { path: file('features.tfrecords', record(features(200_000))) },
    says: /Record 0 of .*features\.tfrecords is broken.*more than 100000 fields/,
  }),
  'a record of 20 000 features without an image': () => ({
    job: 'readSample',
    input: { file: file('features.tfrecords', record(features(20_000))), index: 0 },
    says: /Record 0 of .*features\.tfrecords cannot be shown/,
  }),
  'an image of no pixels': () => ({
    job: 'readSample',
    input: { file: image([0, 0, 3]), index: 0 },
    says: /Record 0 of .*image\.tfrecords is broken.*shape \[0, 0, 3\]/,
  }),
  'an image of one row of millions': () => ({
    job: 'showSample',
    input: { file: image([1, 3_000_000, 1]), index: 0, output: join(ROOT, 'out.png') },
    says: /Record 0 of .*image\.tfrecords is broken.*shape \[1, 3000000, 1\]/,
  }),
  'a pipe for records': () => ({
    job: 'describeData',
    input: { path: pipe('pipe.tfrecords') },
    says: /pipe\.tfrecords cannot be read/,
  }),
  'safetensors: a header of 700 kB, all tensors the same bytes': () => ({
    job: 'importWeights',
    input: { file: safetensors(sharedTensors(9000), 400_000), cwd: ROOT },
    says: /bomb\.safetensors is not a complete safetensors file.*Tensor t/,
  }),
  'safetensors: a header of 800 kB of mistakes': () => ({
    job: 'importWeights',
    input: { file: safetensors(`{"a":{"dtype":1,"shape":[${'"x",'.repeat(200_000)}1],"data_offsets":[]}}`), cwd: ROOT },
    says: /bomb\.safetensors is not a complete safetensors file/,
  }),
  'safetensors: a name of 800 kB': () => ({
    job: 'importWeights',
    input: { file: safetensors(`{"${'x'.repeat(800_000)}":1}`), cwd: ROOT },
    says: /bomb\.safetensors is not a complete safetensors file/,
  }),
  'safetensors: a header that says it has 10 GB': () => ({
    job: 'importWeights',
    input: { file: file('bomb.safetensors', Buffer.from('00e40b540200000000', 'hex')), cwd: ROOT },
    says: /bomb\.safetensors is not a complete safetensors file.*Its header would end/,
  }),
  'weights of 3 GiB': () => ({
    job: 'importWeights',
    input: { file: sparse(3), cwd: ROOT },
    says: /sparse\.safetensors has 3\.0 GiB/,
  }),
  'a pipe for weights': () => ({
    job: 'importWeights',
    input: { file: pipe('pipe.safetensors'), cwd: ROOT },
    says: /pipe\.safetensors is no file/,
  }),
  'a run: state.json of 70 MB': () => ({
    job: 'evaluate',
    input: run('state.json', '{},'.repeat(23e6)),
    says: /epoch-0001_step-00000001 is broken.*state\.json.*69000000 bytes/,
  }),
  'a run: state.json, brackets in brackets': () => ({
    job: 'evaluate',
    input: run('state.json', '['.repeat(2e6)),
    says: /epoch-0001_step-00000001 is broken.*state\.json/,
  }),
  'a run: state.json of a million wrong epochs': () => {
    const state = `{"format":1,"history":[${'1,'.repeat(999_999)}1]}`;
    const self = execFileSync('sha256sum', { input: state }).toString().split(' ')[0];
    return {
      job: 'evaluate',
      input: run('state.json', `${state.slice(0, -1)},"self":"${self}"}`),
      says: /epoch-0001_step-00000001 is broken.*state\.json is damaged/,
    };
  },
  'a run: a pipe for state.json': () => ({
    job: 'evaluate',
    input: run('state.json', null),
    says: /epoch-0001_step-00000001 is broken.*state\.json cannot be read\. It is no file/,
  }),
  'a plugin: a pipe for package.json': () => ({
    job: 'listPlugins',
    input: plugin(null),
    says: /package\.json cannot be read/,
  }),
  'a plugin: package.json, brackets in brackets': () => ({
    job: 'listPlugins',
    input: plugin('['.repeat(900_000)),
    says: /package\.json is not valid JSON/,
  }),
  'a plugin: package.json of 2 MB': () => ({
    job: 'listPlugins',
    input: plugin(`{"name":"${'x'.repeat(2e6)}"}`),
    says: /package\.json cannot be read/,
  }),
};

const outcomes = new Map<string, Outcome>();
const says = new Map<string, RegExp>();

beforeAll(async () => {
  const bombs = Object.entries(BOMBS).map(([name, make]) => ({ name, ...make() }));
  for (const bomb of bombs) says.set(bomb.name, bomb.says);
  // what loads the code of a job, and what it finds out once, is no part of what a bomb takes
  const first = new Map(bombs.map(({ job, input }) => [job, { name: '', job, input }]));
  const cases = file('cases.json', JSON.stringify([...first.values(), ...bombs]));
  const driver = join(__dirname, 'bombs', 'driver.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', driver, cases], {
    timeout: 100_000,
    env: { ...process.env, XDG_CACHE_HOME: join(ROOT, 'cache') },
  }).catch((error: unknown) => error as { stdout: string });
  for (const line of stdout.trim().split('\n')) {
    const outcome = JSON.parse(line) as Outcome;
    outcomes.set(outcome.name, outcome);
  }
}, 120_000);

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux.each(Object.keys(BOMBS))('%s', (name) => {
  const { error, cpuMs, megabytes } = outcomes.get(name) ?? { error: null, cpuMs: Infinity, megabytes: Infinity };
  expect(error?.message).toMatch(new RegExp(says.get(name)!.source, 's'));
  expect(error!.exitCode).toBeLessThan(70);
  expect(error!.message.length).toBeLessThan(MAX_MESSAGE);
  expect(cpuMs).toBeLessThan(MAX_CPU_MS);
  expect(megabytes).toBeLessThan(MAX_MEGABYTES);
});

test.each([
  ['data show', ['data', 'show', image([4, 4, 3]), '--index', '0', '--output', ROOT]],
  ['import', ['import', safetensors('{}'), '--output', file('there', '')]],
])('osc %s: a folder where a file is meant, and the other way round', async (_, args) => {
  const { code, stderr } = await runCli(args, { cwd: ROOT });
  expect(stderr).toMatch(new RegExp(`${args.at(-1)!} is a (folder|file)`));
  expect(code).toBe(2);
});
