/** The tiny trainings that are attacked, and what one that was never disturbed comes to. */
import { Buffer } from 'node:buffer';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { watchedBy } from './disk-shim.mjs';
import { describeEnd, startOsc } from './osc.mjs';

const EPOCHS = 5;
export const STEPS = EPOCHS * 4;

/** 4 steps an epoch; 3 does not divide 4, so that checkpoints fall into the middle of epochs, too. */
const TINY = [
  ...['data=scenes', 'data.num_train=32', 'data.num_val=4', 'data.num_test=2', 'data.image_size=[32,40]'],
  ...['data.min_visible=4', 'data.crop_size=[16,16]', 'data.num_workers=0', 'data.train.seed=2', 'other.seed=1'],
  ...['model.backbone.patch_size=[4,4]', 'model.backbone.embed_dim=8', 'model.backbone.num_layers=1'],
  ...['model.backbone.num_heads=2', 'training.batch_size=8', `training.num_epochs=${EPOCHS}`],
  ...['training.checkpoint_steps=3', 'lr_scheduler=linear1_cosine4', 'engine.threads=1', 'logging.name=chaos'],
];

export const TRAININGS = {
  /** tests after the first and the last epoch, no figures */
  plain: [...TINY, 'data.viz.max_samples=0', 'data.test.epoch_interval=100'],
  /** tests, figures and what callbacks keep, every epoch */
  figures: [
    ...[...TINY, 'data.viz.max_samples=1', 'data.viz.epoch_interval=1', 'data.test.epoch_interval=1'],
    ...['training.checkpoint_interval=1', 'training.callbacks=[collapse,ema,evaluation,best-checkpoint,figures]'],
  ],
};

/** Folders of a run's checkpoints, newest first. */
export function checkpointsOf(runDir) {
  const folder = join(runDir, 'checkpoints');
  if (!existsSync(folder)) return [];
  const step = (name) => Number(name.split('step-')[1]);
  return readdirSync(folder)
    .filter((name) => name.startsWith('epoch-'))
    .sort((a, b) => step(b) - step(a) || b.localeCompare(a))
    .map((name) => join(folder, name));
}

/** Steps that a run has logged so far. */
export function stepsLogged(runDir) {
  const file = join(runDir, 'metrics.jsonl');
  return existsSync(file) ? (readFileSync(file, 'utf8').match(/"lr":/g)?.length ?? 0) : 0;
}

/** Resolves when the run has logged so many steps, or has ended. */
export async function waitForSteps(runDir, steps, ended) {
  let over = false;
  void ended.then(() => (over = true));
  while (!over && stepsLogged(runDir) < steps) await wait(2);
}

/** How the last process that worked on a run says that it ended: `finished`, `stopped`; null where it does not say. */
export function endOf(runDir) {
  const file = join(runDir, 'environment.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')).sessions.at(-1).ended?.status ?? null) : null;
}

export const isFinished = (runDir) => endOf(runDir) === 'finished';

/** A training that nothing disturbed, what it took, and how many operations and bytes it wrote (null without the shim). */
export async function trainReference(name, { work, env, shim }) {
  const folder = join(work, `reference-${name}`);
  const [runDir, count] = [join(folder, 'run'), join(folder, 'count')];
  mkdirSync(folder);
  const watch = shim === null ? {} : watchedBy(shim, runDir, { count });
  const train = () =>
    startOsc(['train', ...TRAININGS[name], '--run-dir', runDir], { cwd: folder, env: { ...env, ...watch } });
  const started = performance.now();
  const end = await train().done;
  if (end.code !== 0) throw new Error(`The training that is not disturbed failed: ${describeEnd(end)}`);
  const [operations, bytes] = shim === null ? [null, null] : readFileSync(count, 'utf8').split(' ').map(Number);
  return { name, runDir, ms: performance.now() - started, operations, bytes, result: resultOf(runDir) };
}

const filesIn = (folder, keep = () => true) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => keep(name))
        .sort()
    : [];
const contentOf = (file) => (existsSync(file) && statSync(file).isFile() ? readFileSync(file, 'base64') : null);
const json = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** A kill may leave the file that the state before named; one that no state names counts for nothing. */
function filesOfState(folder) {
  const text = contentOf(join(folder, 'state.json'));
  const state = text === null ? undefined : parse(Buffer.from(text, 'base64').toString());
  return state === undefined ? filesIn(folder) : ['state.json', ...Object.keys(state.sha256 ?? {})];
}

/** All that two runs of one training must have in common. */
export function resultOf(runDir) {
  const [newest] = checkpointsOf(runDir);
  const checkpoint = (folder) =>
    Object.fromEntries(filesOfState(folder).map((name) => [name, contentOf(join(folder, name))]));
  const [evaluations, figures] = [join(runDir, 'evaluations'), join(runDir, 'figures')];
  return {
    'the place of the newest checkpoint': newest?.slice(runDir.length),
    'the newest checkpoint': newest && checkpoint(newest),
    'the best checkpoint': checkpoint(join(runDir, 'checkpoints', 'best')),
    'metrics.jsonl': readFileSync(join(runDir, 'metrics.jsonl'), 'utf8'),
    evaluations: filesIn(evaluations, (name) => name.startsWith('epoch-')).map((name) => [
      name,
      json(join(evaluations, name)),
    ]),
    figures: filesIn(figures, (name) => name.endsWith('.png')).map((name) => [
      name,
      readFileSync(join(figures, name), 'base64'),
    ]),
  };
}

/**
 * @param without parts of the result that need not be equal
 * @returns what differs from the run that was never disturbed, in words; null where nothing does
 */
export function differenceFrom(reference, runDir, without = []) {
  const result = resultOf(runDir);
  for (const [part, expected] of Object.entries(reference.result)) {
    if (without.includes(part) || isDeepStrictEqual(result[part], expected)) continue;
    if (part !== 'metrics.jsonl') return `${part} differ(s)${namesThatDiffer(expected, result[part])}`;
    return describeMetrics(expected, result[part]);
  }
  const torn = without.includes('train.log.jsonl') ? undefined : tornLogLine(runDir);
  if (torn !== undefined) return `train.log.jsonl has a line that is no JSON: ${torn}`;
  const leftover = filesIn(join(runDir, 'checkpoints'), (name) => name.startsWith('.tmp-'))[0];
  return leftover === undefined ? null : `a half-written checkpoint is left: ${leftover}`;
}

function namesThatDiffer(expected, seen) {
  if (typeof expected !== 'object' || typeof seen !== 'object') return `: ${seen} instead of ${expected}`;
  const [a, b] = [expected, seen].map((part) => (Array.isArray(part) ? Object.fromEntries(part) : part));
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const say = (name) => (name in b ? (name in a ? name : `${name} (should not be there)`) : `${name} (missing)`);
  return `: ${names
    .filter((name) => !isDeepStrictEqual(a[name], b[name]))
    .map(say)
    .join(', ')}`;
}

function describeMetrics(expected, text) {
  const lines = text.trimEnd().split('\n');
  const places = lines.map((line) => {
    const { step, epoch, ...metrics } = parse(line) ?? {};
    return `step ${step}, epoch ${epoch}: ${Object.keys(metrics)[0]}`;
  });
  const twice = places.find((place, i) => places.indexOf(place) !== i);
  if (twice !== undefined) return `metrics.jsonl has a line twice: ${twice}`;
  const wanted = expected.trimEnd().split('\n');
  const at = wanted.findIndex((line, i) => line !== lines[i]);
  if (at === -1) return `metrics.jsonl has ${lines.length} lines instead of ${wanted.length}`;
  return `metrics.jsonl, line ${at + 1}: ${lines[at]?.slice(0, 200)} instead of ${wanted[at].slice(0, 200)}`;
}

function tornLogLine(runDir) {
  const lines = readFileSync(join(runDir, 'train.log.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.find((line) => parse(line) === undefined);
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
