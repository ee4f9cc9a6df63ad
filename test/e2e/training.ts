/** The smallest training that goes through everything, for the tests that run `osc train`: 8 steps an epoch. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CliOptions } from './run-cli';

export const STEPS_PER_EPOCH = 8;

/** Generated once a test file: the cache lies in a temporary folder. */
const CACHE = mkdtempSync(join(tmpdir(), 'osc-cache-'));

export const TINY: readonly string[] = [
  'data=scenes',
  'data.num_train=64',
  'data.num_val=12',
  'data.num_test=4',
  'data.image_size=[32,40]',
  'data.min_visible=4',
  'data.crop_size=[16,16]',
  'data.num_workers=0',
  'model.backbone.patch_size=[4,4]',
  'model.backbone.embed_dim=8',
  'model.backbone.num_layers=1',
  'model.backbone.num_heads=2',
  'training.batch_size=8',
  'lr_scheduler=linear1_cosine4',
  'other.seed=1',
  'data.train.seed=2',
];

/** A working directory of its own, with the shared cache of scenes. */
export function workingDirectory(): Required<Pick<CliOptions, 'cwd' | 'env'>> {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'osc-train-')));
  return { cwd, env: { XDG_CACHE_HOME: CACHE } };
}

/** Folders of a run's checkpoints, newest first. */
export function checkpointsOf(runDir: string): string[] {
  const folder = join(runDir, 'checkpoints');
  const step = (name: string): number => Number(name.split('step-')[1]);
  return readdirSync(folder)
    .filter((name) => name.startsWith('epoch-'))
    .sort((a, b) => step(b) - step(a) || b.localeCompare(a))
    .map((name) => join(folder, name));
}

/** What two runs of one training must have in common. */
export function resultOf(runDir: string): { checkpoint: string; model: Buffer; optimizer: Buffer; metrics: string } {
  const newest = checkpointsOf(runDir)[0]!;
  return {
    checkpoint: newest.slice(runDir.length),
    model: readFileSync(join(newest, 'model.safetensors')),
    optimizer: readFileSync(join(newest, 'optimizer.safetensors')),
    metrics: readFileSync(join(runDir, 'metrics.jsonl'), 'utf8'),
  };
}

/** Steps that a run has logged so far. */
export function stepsLogged(runDir: string): number {
  const file = join(runDir, 'metrics.jsonl');
  return existsSync(file) ? (readFileSync(file, 'utf8').match(/"lr":/g)?.length ?? 0) : 0;
}

/** Resolves when the run has logged so many steps, or `ended` has. */
export async function waitForSteps(runDir: string, steps: number, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  while (!over && stepsLogged(runDir) < steps) await new Promise((resolve) => setTimeout(resolve, 1));
}
