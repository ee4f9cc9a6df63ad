import { UsageError } from '../sdk/errors';
import type { NamedParameters } from '../sdk/module';
import type { SavedTensor } from '../sdk/safetensors';

function list(what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${what}: ${names.join(', ')}.`];
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
  throw new UsageError(`The weights of ${source} are not of this model.`, problems.join(' '), [
    'use the config they were trained with: config.yaml of their run',
  ]);
}
