/** Building models, losses and optimizers from a fixture's config, as training does. */
import { RandomSource, type ComponentKind, type Logger, type Loss, type Optimizer } from 'osc-trainer/sdk';
import type { Activation } from 'osc-trainer/sdk/ops';
import { readModel } from '../../../src/config';
import { buildModel, type Model, type ModelConfig } from '../../../src/model';
import { Objective, type WeightedLoss } from '../../../src/training';
import type { Context, Need } from '../adapter';
import type { FixtureTensor } from '../fixture';

/** A node of a fixture's config: options, and in the reference's configs always a name. */
type Node = Readonly<Record<string, unknown>> & { readonly name?: string | null };

interface Mlp {
  readonly hidden_mult: number;
  readonly activation: Activation;
}

export interface ModelFixture {
  readonly model: {
    readonly architecture: string;
    readonly backbone: Node & { readonly pos_embed: string | null; readonly global_pool: string };
    readonly global_fn: Mlp;
    readonly global_proj: Mlp;
    readonly obj_queries: Node | null;
    readonly obj_fn: (Node & { readonly pos_embed?: string | null }) | null;
    readonly obj_proj: Mlp | null;
  };
  readonly losses: { readonly l_global: Node; readonly l_objects?: Node | null };
  readonly data: { readonly crop_size: readonly [number, number] };
}

const MLP_OPTIONS = ['hidden_mult', 'activation', 'dropout', 'out_bias'];

/** Places of a {@link ModelFixture} that are heeded; below them the schemas of the components are strict. */
export const MODEL_OPTIONS: readonly string[] = [
  ...['architecture', 'backbone', 'obj_queries', 'obj_fn'].map((name) => `model.${name}`),
  ...['global_fn', 'global_proj', 'obj_proj'].flatMap((mlp) => MLP_OPTIONS.map((name) => `model.${mlp}.${name}`)),
  ...['losses.l_global', 'losses.l_objects', 'data.crop_size', 'training.batch_size'],
];

const silentLogger: Logger = { error() {}, warn() {}, info() {}, debug() {} };

/** What the reference does whatever its config says (docs/reference.md, what one would not expect, 4): a hidden layer of 4C, no bias, no dropout. */
const IGNORED = { hidden_mult: 2, dropout: 0, out_bias: false };

const LOSS_KEYS = ['l_global', 'l_objects'] as const;

/** Every component that the model and the losses of a config are made of. */
export function needsOf({ model, losses }: Pick<ModelFixture, 'model'> & Partial<ModelFixture>): Need[] {
  const chosen: readonly (readonly [ComponentKind, string | null | undefined])[] = [
    ['architecture', model.architecture],
    ['backbone', model.backbone.name ?? 'vit'],
    ['pooling', model.backbone.global_pool],
    ['pos_embed', model.backbone.pos_embed],
    ['obj_queries', model.obj_queries?.name],
    ['obj_fn', model.obj_fn?.name],
    ['pos_embed', model.obj_fn?.pos_embed === 'backbone' ? null : model.obj_fn?.pos_embed],
    ...LOSS_KEYS.map((key) => ['loss', losses?.[key]?.name] as const),
  ];
  return chosen.flatMap(([kind, name]) => (typeof name === 'string' ? [{ kind, name }] : []));
}

/** The source of a model whose object queries get recorded draws. */
class RandomOfModel extends RandomSource {
  constructor(private readonly ofQueries: RandomSource) {
    super(0);
  }

  override scope(name: string): RandomSource {
    return name === 'obj_queries' ? this.ofQueries : super.scope(name);
  }
}

/** @throws Error when images are not of the size that the reference asserts */
export function checkSize({ shape }: FixtureTensor, size: readonly number[]): void {
  const own = shape.slice(-2);
  if (own.join() !== size.join()) throw new Error(`Images of [${own}] are not of the config's size [${size}].`);
}

/** The model of a config; weights are its own. @param ofQueries what its object queries draw from */
export function modelOf(
  { model, data }: Pick<ModelFixture, 'model' | 'data'>,
  { registry }: Context,
  ofQueries: RandomSource,
): Promise<Model> {
  const config: ModelConfig = {
    model: readModel({
      ...model,
      backbone: { name: 'vit', ...model.backbone },
      global_fn: { ...model.global_fn, dropout: 0 },
      global_proj: { ...model.global_proj, dropout: 0, out_bias: false },
      obj_proj: model.obj_proj && { ...model.obj_proj, ...IGNORED },
    }),
    data,
  };
  return buildModel(config, registry, new RandomOfModel(ofQueries), silentLogger);
}

/** The losses of a config with their weights. */
export async function objectiveOf({ losses }: ModelFixture, { registry }: Context): Promise<Objective> {
  const chosen: WeightedLoss[] = [];
  for (const key of LOSS_KEYS) {
    const node = losses[key];
    if (node?.name == null) continue;
    const { name, weight, temp, ...rest } = node as Node & { name: string; weight?: number; temp?: number };
    // the reference has a temperature for sim and sim_img for its figures alone
    const hasTemp = temp !== undefined && name !== 'sim' && name !== 'sim_img';
    const options = hasTemp ? { ...rest, temp } : rest;
    chosen.push({
      key,
      loss: await registry.create<Loss>('loss', name, { options }),
      weight: weight ?? 1,
      packageName: null,
    });
  }
  return new Objective(chosen);
}

/** The optimizer of a config. */
export function optimizerOf(node: Node & { readonly start_lr?: number }, { registry }: Context): Promise<Optimizer> {
  const { name, ...options } = node;
  delete options.start_lr; // of the learning rate schedule
  return registry.create<Optimizer>('optimizer', name ?? 'adam', { options });
}
