/** The files of a run, which may be somebody else's: each in turn, with the others as they should be. */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mutateBytes, mutateJsonText, mutateText } from '../mutate.mjs';
import { built } from './built.mjs';
import { registry } from './config.mjs';

const { readRun } = built('run/run-record');
const { compareRuns } = built('jobs/runs/compare-runs');
const { listRuns } = built('jobs/runs/list-runs');
const { newestEvaluations, summariseEvaluations } = built('run/evaluations');
const { openTrainedModel } = built('run/trained-model');
const { endSession } = built('run/environment');
const { readSavedConfig } = built('config/index');
const { encodeSafetensors } = built('sdk/index');

const CHECKPOINT = 'checkpoints/epoch-0001_step-00000008';
const CORPUS = join(import.meta.dirname, '../corpus');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const weights = encodeSafetensors(new Map([['w', { shape: [1], data: Float32Array.of(1) }]]));

/** A state with the checksum of itself, and of the weights that lie beside it. */
function sealed(bytes) {
  try {
    const state = JSON.parse(bytes.toString());
    delete state.self;
    if (typeof state.sha256 === 'object' && state.sha256 !== null && 'model.safetensors' in state.sha256)
      state.sha256['model.safetensors'] = sha256(weights);
    return Buffer.from(JSON.stringify({ ...state, self: sha256(JSON.stringify(state)) }));
  } catch {
    return bytes;
  }
}

const json = (bytes, random, options) => mutateJsonText(bytes, random, options);

/** JSON a line. */
function jsonLines(bytes, random, options) {
  const lines = bytes.toString().split('\n');
  const at = random.below(lines.length);
  lines[at] = mutateJsonText(Buffer.from(lines[at]), random, options).toString();
  return random.once(3) ? mutateBytes(Buffer.from(lines.join('\n')), random, options) : Buffer.from(lines.join('\n'));
}

const readTrained = (folder) => openTrainedModel(folder, join(folder, CHECKPOINT), 'osc evaluate');

const FILES = {
  'environment.json': { mutate: json, more: (folder) => endSession(folder, { status: 'finished', seconds: 1 }) },
  'overrides.yaml': { mutate: mutateText, more: readTrained },
  'config.yaml': { mutate: mutateText, more: (folder) => readSavedConfig(join(folder, 'config.yaml'), registry, []) },
  'evaluations/epoch-0001.json': {
    mutate: json,
    async more(folder) {
      await summariseEvaluations(folder, 1e9);
      await newestEvaluations(folder, 1e9);
    },
  },
  [`${CHECKPOINT}/state.json`]: { mutate: (...all) => sealed(json(...all)), more: readTrained, says: CHECKPOINT },
  'notes.json': { mutate: json },
  'train.log.jsonl': { mutate: jsonLines },
  'metrics.jsonl': {
    mutate: jsonLines,
    async more(folder) {
      const tracker = await registry.create('tracker', 'jsonl', { options: {} });
      await tracker.start({ dir: folder, firstStep: 3, firstEpoch: 0 });
      await tracker.finish();
    },
  },
};

const nameOf = (file) =>
  `run-${file.split('/').at(-1).split('.')[0].replace(/-\d+$/, '').replace('epoch', 'evaluations')}`;
const usual = Object.fromEntries(
  Object.keys(FILES).map((file) => [file, () => readFileSync(join(CORPUS, nameOf(file), 'valid'))]),
);

function put(path, bytes) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

function makeRun(folder) {
  for (const [file, bytes] of Object.entries(usual)) put(join(folder, file), bytes());
  put(join(folder, CHECKPOINT, 'model.safetensors'), weights);
}

export const targets = Object.entries(FILES).map(([file, { mutate, more, says = file }]) => ({
  name: nameOf(file),
  mutate,
  dictionary: ['null', '{}', '[]', '""', '{"__proto__":', '1e999', '-1', '"sessions":', ',', '\n', '\0', '\ufeff'],
  names: (message) => message.includes(says),
  async read(bytes, { folder }) {
    const run = join(folder, 'run');
    makeRun(run);
    put(join(run, file), bytes);
    // both are asked, whatever the first one says: they read the file in ways of their own
    const jobs = [readRun, listOf, compareOf, ...(more ? [more] : [])];
    const results = [];
    for (const job of jobs) results.push(await settled(job(run)));
    const error = results.find((result) => result !== undefined);
    if (error) throw error;
  },
}));

const listOf = (run) => listRuns({ runs: [run] });

/** With all that has been logged. */
async function compareOf(run) {
  const { metrics } = await compareRuns({ runs: [run], groupBy: 'seeds', unfinished: true });
  await compareRuns({ runs: [run], metrics: metrics.map(({ name }) => name) });
}

/** What a promise is rejected with; of a bug at once. */
async function settled(promise) {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (!['UsageError', 'RunError'].includes(error?.name)) throw error;
    return error;
  }
}
