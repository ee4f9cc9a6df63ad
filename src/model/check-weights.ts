import { UsageError } from '../sdk/errors';
import type { NamedParameters } from '../sdk/module';
import type { SavedTensor } from '../sdk/safetensors';

const FEW = 4;
/** Lines of a message, however many names a file has, and characters of one. */
const MOST = 40;
const LONGEST = 200;

/** In a sentence if they are few, else a line each. */
function list(what: string, all: readonly string[]): string[] {
  if (all.length === 0) return [];
  const names = all.slice(0, MOST).map((name) => (name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name));
  if (all.length > MOST) names.push(`and ${all.length - MOST} more`);
  return [names.length <= FEW ? `${what}: ${names.join(', ')}.` : [`${what}:`, ...names].join('\n    ')];
}

/** @throws UsageError unless `weights` has every parameter, in its shape, and nothing else */
export function checkWeights(
  parameters: NamedParameters,
  weights: ReadonlyMap<string, SavedTensor>,
  source: string,
): void {
  const shapes = [...parameters].flatMap(([name, { shape }]) => {
    const saved = weights.get(name);
    if (saved === undefined) return [];
    if (!(saved.data instanceof Float32Array)) return [`${name} (not float32)`];
    const same = saved.shape.length === shape.length && saved.shape.every((length, axis) => length === shape[axis]);
    return same ? [] : [`${name} [${saved.shape}] instead of [${shape}]`];
  });
  const missing = [...parameters.keys()].filter((name) => !weights.has(name));
  const unexpected = [...weights.keys()].filter((name) => !parameters.has(name));
  const problems = [...list('Wrong shapes', shapes), ...list('Missing', missing), ...list('Unexpected', unexpected)];
  if (problems.length === 0) return;
  const separator = problems.some((problem) => problem.includes('\n')) ? '\n  ' : ' ';
  throw new UsageError(`The weights of ${source} are not of this model.`, problems.join(separator), [
    'use the config they were trained with: config.yaml of their run',
  ]);
}
