/** How parameters start: their names and shapes, and whether their values are of the recorded distribution. */
import type { Adapter, Context } from '../adapter';
import { exact, type Check } from '../compare';
import type { Fixture } from '../fixture';
import { modelOf, needsOf, type ModelFixture } from './build';
import { randomOfQueries } from './recorded-draws';

interface Statistics {
  shape: number[];
  mean: number;
  std: number;
  min: number;
  max: number;
}

interface RecordedModel {
  num_params: number;
  params: Record<string, Statistics>;
}

type Model = ModelFixture['model'];

const MLP = { hidden_mult: 2, activation: 'gelu' } as const;

const OBJECT_PARTS = {
  learned: { name: 'learned', num_objects: 11 },
  sample: { name: 'sample', num_objects: 11, num_components: 1 },
  slot: { name: 'slot-attention', hidden_mult: 2, pos_embed: null, num_iters: 3 },
  cross: {
    name: 'cross-attention',
    pos_embed: null,
    num_layers: 2,
    num_heads: 4,
    block_drop: 0,
    block_attn_drop: 0,
    drop_path: 0,
    mlp_ratio: 2,
  },
};

const DATA = { crop_size: [128, 128] as const };

/** The README's default sizes; a recorded model is called ARCHITECTURE/QUERIES/OBJECT FUNCTION, or ARCHITECTURE. */
function modelNamed(name: string): Model {
  const [architecture, queries, objFn] = name.split('/') as [string, ('learned' | 'sample')?, ('slot' | 'cross')?];
  return {
    architecture,
    backbone: {
      patch_size: [8, 8],
      embed_dim: 64,
      pos_embed: 'learned',
      pos_embed_dropout: 0,
      pos_embed_every_layer: true,
      num_layers: 4,
      num_heads: 4,
      block_drop: 0,
      block_attn_drop: 0,
      drop_path: 0,
      mlp_ratio: 2,
      global_pool: architecture === 'vit_obj_global' ? 'avg' : 'cls',
    },
    global_fn: MLP,
    global_proj: MLP,
    obj_queries: queries === undefined ? null : OBJECT_PARTS[queries],
    obj_fn: objFn === undefined ? null : OBJECT_PARTS[objFn],
    obj_proj: objFn === undefined ? null : MLP,
  };
}

const recordedModels = (fixture: Fixture): [string, RecordedModel][] =>
  Object.entries(fixture.scalars) as [string, RecordedModel][];

export const initialization: Adapter = {
  components: ['init distributions'],
  knows: { config: [], tensors: [], scalars: [/^[^/]+(\/(learned|sample)\/(slot|cross))?$/] },
  needs: (fixture) => recordedModels(fixture).flatMap(([name]) => needsOf({ model: modelNamed(name) })),
  async run(fixture, context) {
    const checks: Check[] = [];
    for (const [name, recorded] of recordedModels(fixture)) {
      checks.push(...(await compare(name, recorded, fixture, context)));
    }
    return checks;
  },
};

async function compare(name: string, recorded: RecordedModel, fixture: Fixture, context: Context): Promise<Check[]> {
  const model = await modelOf({ model: modelNamed(name), data: DATA }, context, randomOfQueries(fixture));
  const parameters = model.namedParameters();
  const expected = new Map(Object.entries(recorded.params));
  const differing = [
    ...[...expected.keys()].filter((parameter) => !parameters.has(parameter)),
    ...[...parameters.keys()].filter((parameter) => !expected.has(parameter)),
  ];
  if (differing.length > 0) throw new Error(`Parameters of ${name} differ: ${differing.join(', ')}.`);
  const total = [...parameters.values()].reduce((sum, { size }) => sum + size, 0);
  const checks = [exact(`${name} num_params`, [total], [recorded.num_params])];
  for (const [parameter, variable] of parameters) {
    const reference = expected.get(parameter)!;
    checks.push(exact(`${name} shape of ${parameter}`, variable.shape, reference.shape));
    checks.push(...compareDistribution(`${name} ${parameter}`, variable.dataSync(), reference));
  }
  model.dispose();
  return checks;
}

/** Standard errors two draws of one distribution may be apart. */
const SIGMAS = 6;
/** A uniform's largest value is 1.7 standard deviations out, a normal's of so many values 3.5 or more. */
const MANY = 4096;

function compareDistribution(what: string, values: ArrayLike<number>, reference: Statistics): Check[] {
  const n = values.length;
  const list = Array.from(values);
  const mean = list.reduce((sum, x) => sum + x, 0) / n;
  if (reference.std === 0)
    return [exact(`${what} constant`, [Math.min(...list), Math.max(...list)], [reference.min, reference.max])];
  const std = Math.sqrt(list.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n);
  const reach = (stats: Pick<Statistics, 'min' | 'max'>, scale: number): number =>
    Math.max(Math.abs(stats.min), Math.abs(stats.max)) / scale;
  const own = { min: Math.min(...list), max: Math.max(...list) };
  const checks = [
    {
      what: `${what} mean, standard errors apart`,
      error: Math.abs(mean - reference.mean) / (reference.std * Math.sqrt(2 / n)),
      tolerance: SIGMAS,
    },
    {
      what: `${what} std, standard errors apart`,
      error: Math.abs(std / reference.std - 1) / Math.sqrt(1 / n),
      tolerance: SIGMAS,
    },
  ];
  if (n >= MANY) {
    const error = Math.abs(reach(own, std) - reach(reference, reference.std));
    checks.push({ what: `${what} largest value in standard deviations`, error, tolerance: 1.5 });
  }
  return checks;
}
