/**
 * Writes the files of the corpus that are made, and `verdicts.json`: what each reader says of each file today. Files that were
 * found are kept. Look at what changes before it is committed: `verdicts.json` is what the test expects.
 *
 * Usage: npm run build && node test/fuzz/make-corpus.mjs
 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { CORPUS, judgeCorpus, VERDICTS } from './judge-corpus.mjs';
import { built } from './targets/built.mjs';

const { encodeExample, serializeTensor } = built('sdk/data/index');
const { frameRecord } = built('sdk/data/internal');
const { maskedCrc32c } = built('sdk/data/crc32c');

const latin = (text) => Buffer.from(text, 'latin1');
const bytes = (n, step = 7) => Uint8Array.from({ length: n }, (_, i) => (i * step) % 256);
const single = (values) => ({ kind: 'singleBytes', values });
const strings = (...values) => ({ kind: 'bytes', values });

const scene = {
  image: single(bytes(60)),
  mask: single(bytes(60, 3)),
  color: single(bytes(3)),
  x: { kind: 'float', values: Float32Array.of(0.5, NaN, -Infinity) },
  count: { kind: 'int64', values: BigInt64Array.of(1n, -1n, 2n ** 62n) },
};
const tensorOf = (shape, n = shape.reduce((a, b) => a * b, 1)) => serializeTensor({ values: bytes(n), shape });
const example = (features) => Buffer.from(encodeExample(features));

// fields of a message by hand
const varint = (value) => {
  const out = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...out, Number(rest)]);
    out.push(Number(rest & 127n) | 128);
  }
};
const field = (number, content) => Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
const number = (id, value) => Buffer.concat([varint(id << 3), varint(value)]);
const feature = (name, kind, list) => field(1, Buffer.concat([field(1, latin(name)), field(2, field(kind, list))]));
const all = (...entries) => field(1, Buffer.concat(entries));
const tensor = (dtype, dims, content) =>
  Buffer.concat([
    number(1, dtype),
    field(2, Buffer.concat(dims.map((size) => field(2, number(1, size))))),
    field(4, content),
  ]);

const EXAMPLE = {
  valid: example(scene),
  'valid-tensor': example({ image: strings(tensorOf([4, 5, 3])) }),
  'valid-axes': example({ image: single(bytes(20)), mask: single(bytes(40)) }),
  'valid-other-fields': example({
    label: { kind: 'int64', values: BigInt64Array.of(1n) },
    text: strings(latin('hello'), latin('')),
  }),
  'valid-unpacked': all(feature('x', 2, Buffer.from([0x0d, 0, 0, 0x80, 0x3f])), feature('n', 3, Buffer.from([8, 5]))),
  empty: Buffer.alloc(0),
  'no-example': latin('no Example'),
  'image-empty-tensor': example({ image: strings(tensorOf([0, 0, 3])) }),
  'image-of-one-row': example({ image: strings(tensor(4, [1, 3_000_000, 1], Buffer.alloc(0))) }),
  'image-negative': example({ image: strings(tensor(4, [-4, -5, 3], Buffer.alloc(60))) }),
  'image-of-four-channels': example({ image: strings(tensorOf([2, 2, 4])) }),
  'image-too-short': example({ ...scene, image: single(bytes(59)) }),
  'image-of-floats': example({ ...scene, image: { kind: 'float', values: new Float32Array(60) } }),
  'mask-of-parts': example({ ...scene, mask: single(bytes(61)) }),
  'name-of-every-object': example({ ['__proto__']: single(bytes(3)), toString: single(bytes(3)) }),
  'name-not-utf8': all(feature('\xff\xfe', 1, Buffer.from([10, 0]))),
  'field-twice': all(feature('x', 3, Buffer.from([8, 5])), feature('x', 2, Buffer.alloc(0))),
  'length-beyond-the-end': Buffer.from([0x0a, 0x7f, 0x0a]),
  'length-of-ten-bytes': Buffer.concat([Buffer.from([0x0a]), Buffer.alloc(9, 0xff), Buffer.from([1])]),
  'varint-without-end': Buffer.alloc(12, 0xff),
  'group-in-groups': Buffer.alloc(3000, 0x0b),
  'packed-beyond-the-list': all(feature('n', 3, Buffer.from([10, 100, 1]))),
  'float-cut-off': all(feature('x', 2, Buffer.from([10, 3, 0, 0, 0]))),
  'int-cut-off': all(feature('n', 3, Buffer.from([10, 1, 0x80]))),
  'wrong-kind-for-all': example({ ...scene, x: scene.count, count: scene.x }),
  'many-names': all(...Array.from({ length: 300 }, (_, i) => feature(`f${i}`, 3, Buffer.alloc(0)))),
};

const record = (data) => Buffer.from(frameRecord(data));
const head = (length) => {
  const out = Buffer.alloc(12);
  out.writeBigUInt64LE(BigInt(length));
  out.writeUInt32LE(maskedCrc32c(out.subarray(0, 8)), 8);
  return out;
};
const changed = (buffer, at, value) => Buffer.from(buffer).fill(value, at, at + 1);
const three = Buffer.concat([record(EXAMPLE.valid), record(EXAMPLE['valid-tensor']), record(EXAMPLE.valid)]);
const TFRECORD = {
  valid: three,
  empty: Buffer.alloc(0),
  'record-of-nothing': record(Buffer.alloc(0)),
  'checksum-of-length': changed(three, 8, 0),
  'checksum-of-data': changed(three, 300, 0xff),
  truncated: three.subarray(0, -3),
  'truncated-in-a-header': three.subarray(0, record(EXAMPLE.valid).length + 5),
  'length-zero-of-much': Buffer.concat([head(0), EXAMPLE.valid]),
  'length-too-large': Buffer.concat([head(2n ** 26n + 1n), Buffer.alloc(100)]),
  'length-of-64-bits': Buffer.concat([head(2n ** 64n - 1n), Buffer.alloc(100)]),
  'length-beyond-the-end': Buffer.concat([head(2n ** 25n), Buffer.alloc(100)]),
  'one-byte': Buffer.of(7),
  zlib: deflateSync(three),
  'git-lfs': latin('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
  page: latin('<!DOCTYPE html><html><body>Not found</body></html>'),
};
const packed = gzipSync(three);
const EMPTY = feature('f', 3, Buffer.alloc(0));
const GZIP = {
  valid: packed,
  'valid-two-members': Buffer.concat([gzipSync(three.subarray(0, 50)), gzipSync(three.subarray(50))]),
  'empty-inside': gzipSync(Buffer.alloc(0)),
  'header-alone': packed.subarray(0, 10),
  truncated: packed.subarray(0, -3),
  'checksum-wrong': changed(packed, packed.length - 6, packed.at(-6) ^ 255),
  'data-wrong': changed(packed, 60, packed[60] ^ 255),
  'rubbish-behind': Buffer.concat([packed, latin('rubbish')]),
  'zeros-behind': Buffer.concat([packed, Buffer.alloc(600)]),
  'bomb-of-zeros': gzipSync(Buffer.alloc(2e6)),
  'bomb-of-a-length': gzipSync(Buffer.concat([head(2n ** 26n), Buffer.alloc(2e6)])),
  'record-of-many-numbers': gzipSync(
    record(all(feature('n', 3, Buffer.concat([Buffer.of(10), varint(1e6), Buffer.alloc(1e6)])))),
  ),
  'record-of-many-texts': gzipSync(record(all(feature('s', 1, Buffer.alloc(1e6, Buffer.of(10, 0)))))),
  'record-of-many-features': gzipSync(record(field(1, Buffer.alloc(200_000 * EMPTY.length, EMPTY)))),
};
const TENSOR = {
  valid: Buffer.from(tensorOf([4, 5, 3])),
  'valid-scalar': tensor(4, [], Buffer.of(1)),
  'valid-empty': tensor(4, [0, 5], Buffer.alloc(0)),
  empty: Buffer.alloc(0),
  'of-floats': tensor(1, [1], Buffer.alloc(4)),
  negative: tensor(4, [-1, -3], Buffer.alloc(3)),
  'larger-than-a-number': tensor(4, [2n ** 32n, 2n ** 32n], Buffer.alloc(3)),
  'sizes-that-overflow-to-zero': tensor(4, [2n ** 63n, 2], Buffer.alloc(0)),
  'of-many-axes': tensor(4, Array(1000).fill(1), Buffer.of(1)),
  'content-twice': Buffer.concat([tensor(4, [3], bytes(3)), field(4, bytes(2))]),
};

const safetensors = (header, data = 0, length) => {
  const text = Buffer.isBuffer(header)
    ? header
    : Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(length ?? text.length));
  return Buffer.concat([out, text, Buffer.alloc(data, 1)]);
};
const entry = (from, to, shape = [(to - from) / 4], dtype = 'F32') => ({ dtype, shape, data_offsets: [from, to] });
const SAFETENSORS = {
  valid: safetensors(
    { __metadata__: { format: 'pt' }, a: entry(0, 8), 'b.c': entry(8, 24, [2, 2], 'I32'), s: entry(24, 28, []) },
    28,
  ),
  'valid-none': safetensors('{}      '),
  'valid-name-of-every-object': safetensors('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
  'valid-of-no-values': safetensors({ a: entry(0, 0, [0, 5]) }),
  'dtype-not-read': safetensors({ a: entry(0, 8, [1], 'F64') }, 8),
  'dtype-unknown': safetensors({ a: entry(0, 8, [1], 'F7') }, 8),
  empty: Buffer.alloc(0),
  'seven-bytes': Buffer.alloc(7),
  'header-beyond-the-end': safetensors('{}', 0, 100),
  'header-of-64-bits': safetensors('{}', 0, 2n ** 64n - 1n),
  'header-of-many': safetensors('{}', 100, 50_000_000),
  'header-a-list': safetensors('[]'),
  'header-null': safetensors('null'),
  'header-no-json': safetensors('{"a":'),
  'header-not-utf8': safetensors(latin('{"\xff":1}')),
  'header-deep': safetensors(`{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`),
  'key-twice': safetensors(
    '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
    4,
  ),
  'half-a-surrogate': safetensors('{"\\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
  overlap: safetensors({ a: entry(0, 8), b: entry(4, 12) }, 12),
  'same-bytes': safetensors({ a: entry(0, 8), b: entry(0, 8) }, 8),
  hole: safetensors({ a: entry(0, 4), b: entry(8, 12) }, 12),
  'bytes-behind': safetensors({ a: entry(0, 4) }, 8),
  'too-few-bytes': safetensors({ a: entry(0, 8) }, 4),
  'offsets-turned': safetensors({ a: entry(8, 0, [0]) }, 8),
  'shape-negative': safetensors({ a: entry(0, 4, [-1]) }, 4),
  'shape-of-fractions': safetensors('{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}', 4),
  'shape-that-overflows': safetensors({ a: entry(0, 4, [2 ** 52, 2 ** 52, 0]) }, 4),
  'shape-of-many-mistakes': safetensors({ a: entry(0, 4, Array(900).fill('x')) }, 4),
  'metadata-of-numbers': safetensors({
    __metadata__: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [i, i])),
  }),
  'git-lfs': latin('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
  pickle: Buffer.concat([Buffer.of(0x80, 2), latin('}q\x00.      ')]),
  zip: latin('PK\x03\x04\0\0\0\0\0\0\0\0'),
};

const bomb = Array.from(
  { length: 9 },
  (_, i) =>
    `a${i}: &a${i} [${Array(9)
      .fill(i === 0 ? 'x' : `*a${i - 1}`)
      .join(', ')}]`,
);
const YAML = {
  valid:
    "model:\n  backbone: {name: vit, depth: 2}\nlosses: [a, 1, 1.5, null, true, 0x1F, 1e3, .inf]\n\"quoted\": 'it''s'\n",
  'valid-aliases': 'a: &a {x: 1}\nb: *a\nc:\n  <<: *a\n  y: 2\nd: [*a, *a]\n',
  'valid-blocks': '# @package _global_\na: |\n  two\n  lines\nb: >-\n  one\n  line\n? c\n: 010\n',
  'valid-nothing': '',
  'valid-comment': '# nothing\n',
  'alias-bomb': bomb.join('\n'),
  'alias-in-itself': 'a: &a [*a]\n',
  'alias-of-nothing': 'a: *b\n',
  'merge-of-itself': 'a: &a\n  <<: *a\n',
  'merge-of-a-number': 'a:\n  <<: 1\n',
  'deep-brackets': `a: ${'['.repeat(3000)}`,
  'deep-dashes': `${'- '.repeat(1900)}x`,
  'deep-questions': `${'? '.repeat(1000)}x`,
  'deep-indents': Array.from({ length: 85 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
  'many-commas': `a: [${','.repeat(3000)}]`,
  'key-twice': 'a: 1\na: 2\n',
  'key-of-a-map': '? {a: 1}\n: 2\n',
  'key-of-every-object': '__proto__: {a: 1}\nconstructor: 2\ntoString: 3\n',
  'key-too-long': `${'k'.repeat(500)}: 1\n`,
  'integer-too-large': 'a: 9007199254740993\n',
  'tag-of-code': 'a: !!js/function "function(){}"\n',
  'tag-of-python': 'a: !!python/object/apply:os.system [x]\n',
  'tag-of-bytes': 'a: !!binary AAAA\n',
  'tag-of-a-long-name': `a: !${'z1'.repeat(2300)} x\n`,
  'tag-of-a-set': 'a: !!set {b, c}\n',
  'two-documents': 'a: 1\n---\nb: 2\n',
  'a-list': '- a\n- b\n',
  'a-word': 'word\n',
  tabs: 'a:\n\tb: 1\n',
  'no-end-of-a-quote': 'a: "b\n',
  'control-characters': 'a: "\u0000\u001b[2J"\n',
};
const OVERRIDES = {
  valid:
    'training.batch_size=8\n+exp=demo\n++a.b=[1,2.5,x,null,{c:d}]\n~data.viz\nmodel/obj_queries=sample\nlosses@x=ctr\na.{b,c}=1',
  'valid-quotes': `a='it\\'s'\nb="x,y"\nc='\${d}'\nd={'k k':1,e:[]}\ne=`,
  'valid-choices': 'a=1,2,3\nb=choice(x,y)\nc=range(1,10,3)\nd=1,[2],{e:3}',
  'valid-functions': 'a=str(1)\nb=int(2.5)\nc=float(1)\nd=bool(true)\ne=sort(3,1,2)\nf=shuffle(a,b)',
  'valid-interpolations': 'a=${b}\nb=${oc.env:HOME}\nc=x${d.e}y${oc.select:f,1}\nd=[${a},${.b}]',
  'deep-lists': `a=${'['.repeat(3900)}`,
  'deep-maps': `a=${'{a:'.repeat(1200)}`,
  'deep-interpolations': `a=${'${'.repeat(1900)}`,
  'deep-functions': `a=${'str('.repeat(900)}`,
  'deep-braces': `a.${'{a,b}.'.repeat(30)}c=1`,
  'braces-in-braces': `a.${'{'.repeat(2000)}`,
  'range-without-end': 'a=range(1e9)',
  'range-of-no-step': 'a=range(1,2,0)',
  'range-of-tiny-steps': 'a=range(0,1,1e-300)',
  'quote-without-end': "a='b",
  'integer-too-large': 'a=123456789012345678901234567890',
  'integer-of-many-digits': `a=${'9'.repeat(4500)}`,
  'no-value': 'a',
  'no-key': '=1',
  empty: '',
  'keys-of-every-object': '__proto__=1\nconstructor.prototype=1\na.__proto__.b={__proto__:1}',
  'control-characters': 'a=\u0000\u001b[2J',
  'turned-around': 'a=\u202ex',
  'commas-alone': `a=${','.repeat(3000)}`,
  'slashes-alone': `a=${'\\'.repeat(3000)}'`,
};
const SWEEP = {
  valid:
    "a=1,2.0,x y\nb=choice([1],{c:'d'})\nmodel=glob([vit*],exclude=*obj)\nseeds=0..4\nc=tag(log,interval(1e-4,1))\nd=1",
  'valid-orders':
    'a=sort(3,1,2,reverse=true)\nb=shuffle(range(0,1,0.1))\nc=int(choice(1.5,2.5))\nd=tag(x,sort(choice(b,a)))',
  'valid-alone': 'a=1',
  'stars-without-end': `model=glob(${'*a'.repeat(1900)}b)`,
  'glob-of-no-group': 'modle=glob(*)',
  'glob-of-nothing': 'model=glob([])',
  'interval-turned-around': 'a=interval(2,1)',
  'log-of-zero': 'a=tag(log,interval(0,1))',
  'same-twice': 'a=1,1.0',
  'key-twice': 'model/obj_queries=a,b\nmodel.obj_queries.name=c',
  'seeds-turned-around': 'seeds=4..0',
  'seeds-without-end': `seeds=0..${'9'.repeat(300)}`,
  'seeds-and-a-seed': 'seeds=0..4\nother.seed=1',
  'several-launchers': 'hydra/launcher=basic,submitit_slurm',
  'decimals-of-every-size': 'a=range(-1e-308,1e308,1e305)\nb=range(0,1e-322,5e-324)',
};
const CONFIG = {
  valid:
    'model:\n  obj_queries: {name: sample, num_objects: 5}\ntraining: {batch_size: 8}\n%%\nlosses.l_global.weight=2\nother.seed=1',
  'valid-defaults':
    'defaults:\n  - model: vit_global\n  - override /losses/l_objects: none\ntraining:\n  num_epochs: ${training.batch_size}\n%%\n',
  'valid-nothing': '\n%%\n',
  'doubling-lists': `${Array.from({ length: 40 }, (_, i) => `a${i + 1}: ["\${a${i}}", "\${a${i}}"]`).join('\n')}\na0: x\n%%\n`,
  'doubling-texts': `${Array.from({ length: 40 }, (_, i) => `a${i + 1}: "\${a${i}}\${a${i}}"`).join('\n')}\na0: x\n%%\n`,
  'doubling-maps': `${Array.from({ length: 40 }, (_, i) => `a${i + 1}: {p: "\${a${i}}", q: "\${a${i}}"}`).join('\n')}\na0: x\n%%\n`,
  circle: 'a: "${b}"\nb: "${a}"\n%%\n',
  'extends-itself': 'extends: ./osc.config.yaml\n%%\n',
  'extends-nothing': 'extends: [./none.yaml]\n%%\n',
  'plugins-of-numbers': 'plugins: [1]\n%%\n',
  'config-dir-of-nothing': 'configDirs: [none]\n%%\n',
  'lists-for-maps': 'model: [1]\nlosses: []\ntraining: x\noptimizer: null\n%%\n',
  'name-of-every-object':
    'model:\n  obj_queries: {name: toString}\n  backbone: {name: __proto__}\nlosses: {constructor: {name: ctr}}\n%%\n',
  'names-of-maps': 'model: {obj_fn: {name: {}}}\ndata: {test: {evaluators: [{name: null}, [], {}]}}\n%%\n',
  'wrong-all-over': `losses:\n${Array.from({ length: 90 }, (_, i) => `  l_${i}: {name: ctr, wrong_${i}: 1}`).join('\n')}\n%%\n`,
};

const session = {
  started: '2026-01-01T00:00:00.000Z',
  versions: { node: 'v22.0.0', 'osc-trainer': '0.1.0' },
  engine: { name: 'native', threads: 2, device: 'CPU' },
  plugins: [{ name: 'osc-plugin-x', version: '1.0.0' }],
  command: ['train', 'data=scenes'],
  initFrom: null,
  git: { commit: '0'.repeat(40), dirty: false },
  oscGit: null,
  machine: { platform: 'linux-x64', cpu: 'x', cores: 2, memoryBytes: 1e9 },
  ended: null,
};
const ENVIRONMENT = {
  valid: { sessions: [session, { ...session, ended: { status: 'finished', seconds: 12.5 } }] },
  'no-session': { sessions: [] },
  'a-list': [],
  null: 'null',
  empty: '',
  'not-json': '{"sessions": [',
  'sessions-a-map': { sessions: { 0: session, length: 1 } },
  'session-of-another': { sessions: [{ ...session, engine: 'native' }] },
  'many-wrong-sessions': { sessions: Array(300).fill({}) },
  'threads-negative': { sessions: [{ ...session, engine: { name: 'x', threads: -1, device: '' } }] },
  'name-of-every-object': '{"__proto__": {"sessions": []}}',
  deep: '['.repeat(3000),
};
const OF_OVERRIDES = {
  valid: 'plugins: []\noverrides:\n  - data=scenes\n  - --plugin osc-plugin-x\n',
  'not-a-map': '- a\n',
  'numbers-for-text': 'plugins: [1]\noverrides: [null]\n',
  'one-missing': 'plugins: []\n',
  'many-wrong': `plugins: []\noverrides: [${Array(500).fill(1).join()}]\n`,
  'alias-bomb': `${bomb.join('\n')}\nplugins: *a8\noverrides: []\n`,
};
const EVALUATIONS = {
  valid: {
    step: 8,
    epoch: 0,
    evaluations: [
      {
        evaluator: 'segmentation',
        options: {},
        data: { name: 'scenes', split: 'test' },
        metrics: { 'test/iou': 0.5, 'test/ari': null },
        descriptions: { 'test/iou': { label: 'IoU', better: 'higher' } },
      },
      { evaluator: 'vqa', options: { a: 1 }, data: {}, num_objects: 3, weights: 'ema', metrics: {} },
    ],
  },
  'no-evaluations': { step: 8, epoch: 0 },
  'metrics-of-text': {
    step: 8,
    epoch: 0,
    evaluations: [{ evaluator: 'x', options: {}, data: {}, metrics: { a: 'b' } }],
  },
  'step-negative': { step: -1, epoch: 0, evaluations: [] },
  'many-wrong': { step: 8, epoch: 0, evaluations: Array(300).fill({}) },
  'name-of-every-object':
    '{"step":8,"epoch":0,"evaluations":[{"evaluator":"x","options":{},"data":{},"metrics":{"__proto__":1}}]}',
  null: 'null',
};
const state = {
  format: 1,
  position: { step: 8, epoch: 1, batch: 0 },
  lossSums: { l_global: 1.5 },
  history: [{ epoch: 0, train: { l_global: 2 }, val: {} }],
  lossWeights: { l_global: 1 },
  pendingEpochEnd: null,
  stopReason: null,
  callbacks: { evaluation: { x: [1] } },
  sha256: { 'model.safetensors': 'MODEL' },
};
/** With the checksum that belongs to it. */
const sealed = (value) => {
  const text = JSON.stringify(value).replace('"MODEL"', JSON.stringify(modelHash()));
  return JSON.stringify({
    ...JSON.parse(text),
    self: createHash('sha256')
      .update(JSON.stringify(JSON.parse(text)))
      .digest('hex'),
  });
};
const modelHash = () => {
  const { encodeSafetensors } = built('sdk/index');
  const model = encodeSafetensors(new Map([['w', { shape: [1], data: Float32Array.of(1) }]]));
  return createHash('sha256').update(model).digest('hex');
};
const STATE = {
  valid: sealed(state),
  'valid-imported': sealed({ ...state, importedFrom: 'x.safetensors' }),
  'checksum-wrong': sealed(state).replace('"step":8', '"step":9'),
  'weights-of-another': sealed({ ...state, sha256: { 'model.safetensors': '0' } }),
  'no-weights': sealed({ ...state, sha256: {} }),
  null: 'null',
  'a-number': '1',
  empty: '',
  'format-to-come': sealed({ ...state, format: 2 }),
  'position-negative': sealed({ ...state, position: { step: -8, epoch: 1, batch: 0 } }),
  'many-wrong': sealed({ ...state, history: Array(300).fill({}) }),
};
const logLine = (second, message = 'x') =>
  JSON.stringify({ timestamp: `2026-01-01 00:00:0${second}`, level: 'info', message });
const LOG = {
  valid: [logLine(1), logLine(3), logLine(4, 'Resumed run x'), logLine(9)].join('\n'),
  'lines-of-anything': `null\n1\n[]\n{"timestamp":1}\n{"timestamp":"x","message":"y"}\n\0\n${logLine(1)}`,
  'cut-off': `${logLine(1)}\n${logLine(2).slice(0, 20)}`,
  empty: '',
};
const METRICS = {
  valid:
    '{"step":1,"epoch":0,"l_global/train":2.5}\n{"step":2,"epoch":0,"l_global/train":2.25}\n{"step":8,"epoch":0,"lr":0.1}\n',
  'lines-of-anything': 'null\n1\n"x"\n[]\n{"step":"x"}\n{"step":{"__proto__":1}}\n\0\n',
  'cut-off': '{"step":1,"epoch":0}\n{"step":2,"ep',
  empty: '',
};
const NOTES = {
  valid: { tags: ['good', 'paper'], note: 'slots blur\nfrom epoch 3 on' },
  'note-alone': { note: 'x' },
  'tags-of-numbers': { tags: [1, {}] },
  'many-wrong': { tags: Array(500).fill(null) },
  'tags-a-map': { tags: { length: 1, 0: 'x' } },
  'with-a-terminal': { tags: ['\u001b[2J'], note: '\u202e\u0000' },
  null: 'null',
  'not-json': '{"tags": [',
  empty: '',
  'name-of-every-object': '{"__proto__":{"tags":["x"]},"constructor":1}',
};
const plugin = {
  name: 'osc-plugin-x',
  version: '1.0.0',
  keywords: ['osc-plugin'],
  oscPlugin: {
    apiVersion: 1,
    main: './index.js',
    components: [{ kind: 'loss', name: 'mine', key: 'l_mine', summary: 'A loss', aliases: ['own'] }],
  },
};
const withPlugin = (more) => ({ ...plugin, oscPlugin: { ...plugin.oscPlugin, ...more } });
const withComponent = (more) => withPlugin({ components: [{ ...plugin.oscPlugin.components[0], ...more }] });
const MANIFEST = {
  valid: plugin,
  'version-to-come': withPlugin({ apiVersion: 99, more: true }),
  'version-of-text': withPlugin({ apiVersion: '1' }),
  'main-outside': withPlugin({ main: '../../etc/passwd' }),
  'main-of-zero': withPlugin({ main: 'a\0b' }),
  'no-components': withPlugin({ components: [] }),
  'component-null': withPlugin({ components: [null] }),
  'component-an-engine': withComponent({ kind: 'engine' }),
  'component-of-every-object': withComponent({ kind: 'constructor' }),
  'component-with-a-terminal': withComponent({ name: '\u001b[2J' }),
  'component-of-a-long-name': withComponent({ name: 'x'.repeat(3000) }),
  'component-of-a-long-kind': withComponent({ kind: 'x'.repeat(3000) }),
  'alias-of-a-number': withComponent({ aliases: [1] }),
  'summary-of-lines': withComponent({ summary: 'a\nb' }),
  'key-unknown': withPlugin({ ['x'.repeat(3000)]: 1 }),
  'plugin-a-list': { ...plugin, oscPlugin: [1] },
  'name-a-map': { ...plugin, name: { toString: 1 } },
  'version-a-list': { ...plugin, version: Array(1800).fill(1) },
  null: 'null',
  'not-json': '{',
  empty: '',
  'name-of-every-object': '{"__proto__":{"name":"x"},"name":"osc-plugin-x"}',
};
const note = async (value) => {
  const { sealedNote } = await import('./targets/packages.mjs'); // which reads a file that is made here
  return sealedNote(Buffer.from(JSON.stringify(value)));
};
const COUNT = {
  valid: await note({ records: 3, bytes: TFRECORD.valid.length, tail: TFRECORD.valid.subarray(-8).toString('hex') }),
  negative: await note({
    records: -3,
    bytes: TFRECORD.valid.length,
    tail: TFRECORD.valid.subarray(-8).toString('hex'),
  }),
  huge: await note({ records: 1e300, bytes: TFRECORD.valid.length, tail: TFRECORD.valid.subarray(-8).toString('hex') }),
  'of-another-file': { records: 3, bytes: 1, tail: '' },
  null: 'null',
  empty: '',
};

/** `config.yaml` of a run. */
async function composed() {
  const { compose, loadConfigFile, printConfig } = built('config/index');
  const { registry } = await import('./targets/config.mjs');
  const file = await loadConfigFile('/');
  return printConfig((await compose({ file, catalog: registry, plugins: [], overrides: ['data=scenes'] })).values);
}

const MADE = {
  ...{ example: EXAMPLE, tfrecord: TFRECORD, 'tfrecord-gzip': GZIP, 'tensor-proto': TENSOR, safetensors: SAFETENSORS },
  ...{ yaml: YAML, overrides: OVERRIDES, sweep: SWEEP, config: CONFIG, manifest: MANIFEST, 'record-count': COUNT },
  ...{ 'run-environment': ENVIRONMENT, 'run-overrides': OF_OVERRIDES, 'run-evaluations': EVALUATIONS },
  ...{ 'run-state': STATE, 'run-train': LOG, 'run-metrics': METRICS, 'run-notes': NOTES },
  'run-config': {
    valid: await composed(),
    'in-parts': 'training: {num_epochs: 1}\nmodel: {backbone: {name: vit}}\n',
    'not-a-map': '- a\n',
    empty: '',
  },
};

for (const [target, files] of Object.entries(MADE)) {
  mkdirSync(join(CORPUS, target), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const isText = typeof content === 'string' || Buffer.isBuffer(content);
    writeFileSync(join(CORPUS, target, name), isText ? content : JSON.stringify(content));
  }
}

const verdicts = await judgeCorpus();
writeFileSync(VERDICTS, `${JSON.stringify(verdicts, null, 2)}\n`);
for (const [file, verdict] of Object.entries(verdicts)) {
  if (verdict.startsWith('failure')) console.log(`${file}: ${verdict}`);
}
