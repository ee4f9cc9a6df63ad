/** Weights under the names of PyTorch's `state_dict()`, where a shared parameter has several. */
import { UsageError } from '../sdk/errors';
import type { Module, NamedParameters } from '../sdk/module';
import type { SavedTensor } from '../sdk/safetensors';

/** The model's weights, a shared parameter under each of its names, as `load_state_dict(…, strict=True)` wants them. */
export function readStateDict(model: Module): Map<string, SavedTensor> {
  return new Map(
    Array.from(model.stateDict(), ([name, variable]) => [
      name,
      { shape: variable.shape, data: variable.dataSync() as Float32Array },
    ]),
  );
}

/**
 * From names of a state dict to those of the model's parameters. Of a shared parameter any of its names will do: PyTorch
 * saves all, `safetensors.torch.save_model` one.
 *
 * @param source where the weights come from, for the message
 * @throws UsageError where a shared parameter has two values
 */
export function withoutSecondNames(
  model: Module,
  weights: ReadonlyMap<string, SavedTensor>,
  source: string,
): Map<string, SavedTensor> {
  const result = new Map(weights);
  for (const [name, first] of secondNames(model)) {
    const value = result.get(name);
    if (value === undefined) continue;
    result.delete(name);
    const other = result.get(first);
    if (other === undefined) result.set(first, value);
    else if (!sameValues(value, other)) {
      throw new UsageError(
        `${first} and ${name} in ${source} have different values.`,
        'They are one parameter of this model, which shares it.',
        ['model.obj_fn.pos_embed=learned    (positions of their own)'],
      );
    }
  }
  return result;
}

/** The further names of shared parameters, with the first one of each. */
function* secondNames(model: Module): Generator<[name: string, first: string]> {
  const parameters: NamedParameters = model.namedParameters();
  const firstNames = new Map(Array.from(parameters, ([name, variable]) => [variable, name]));
  for (const [name, variable] of model.stateDict()) {
    if (!parameters.has(name)) yield [name, firstNames.get(variable)!];
  }
}

function sameValues(a: SavedTensor, b: SavedTensor): boolean {
  return a.data.length === b.data.length && a.data.every((value, i) => Object.is(value, b.data[i]));
}

/** What PyTorch's wrappers put in front of every name: DistributedDataParallel and DataParallel, `torch.compile`. */
const WRAPPERS = ['module.', '_orig_mod.'] as const;

/**
 * Takes off what wrappers of PyTorch put in front of all names.
 *
 * @returns the weights under the model's own names, and what was taken off; empty where nothing was
 */
export function withoutWrappers(weights: ReadonlyMap<string, SavedTensor>): {
  readonly weights: ReadonlyMap<string, SavedTensor>;
  readonly prefix: string;
} {
  const names = [...weights.keys()];
  let prefix = '';
  for (;;) {
    const next = WRAPPERS.find((wrapper) => names.every((name) => name.startsWith(prefix + wrapper)));
    if (next === undefined || names.length === 0) break;
    prefix += next;
  }
  return { weights: new Map(Array.from(weights, ([name, tensor]) => [name.slice(prefix.length), tensor])), prefix };
}
