import type { ChosenComponent } from '../config';
import { manifestOf, type ComponentClass } from '../sdk/component';
import type {
  Architecture,
  Backbone,
  BackboneClass,
  Dimensions,
  ModelParts,
  ObjFn,
  ObjQueries,
  Pooling,
  PosEmbed,
} from '../sdk';
import { UsageError } from '../sdk/errors';
import type { ComponentKind } from '../sdk/kinds';
import type { Logger } from '../sdk/logger';
import { RandomSource } from '../sdk/random';
import { componentToken, DIMENSIONS, LOGGER, POS_EMBED_DROPOUT, RANDOM } from '../sdk/tokens';
import { globalFn, globalProj, objProj, type ProjectionConfig } from './build-projections';
import { Model } from './model';

interface BackboneNode extends ChosenComponent {
  readonly pos_embed: ChosenComponent | null;
  readonly pos_embed_dropout: number;
  readonly global_pool: ChosenComponent;
}

interface ObjFnNode extends ChosenComponent {
  /** `backbone` shares the backbone's instance. */
  readonly pos_embed: ChosenComponent | null;
}

/** What a model needs of the composed config. */
export interface ModelConfig {
  readonly model: {
    readonly architecture: ChosenComponent;
    readonly backbone: BackboneNode;
    readonly obj_queries: ChosenComponent | null;
    readonly obj_fn: ObjFnNode | null;
    readonly global_fn: ProjectionConfig;
    readonly global_proj: ProjectionConfig;
    readonly obj_proj: ProjectionConfig | null;
  };
  readonly data: { readonly crop_size: readonly [number, number] };
}

/** What a model needs of the registry. */
export interface ComponentFactory {
  componentClass(kind: ComponentKind, name: string): Promise<ComponentClass>;
  create<T>(
    kind: ComponentKind,
    name: string,
    options: { options?: unknown; provide?: ReadonlyMap<symbol, unknown> },
  ): Promise<T>;
}

/** Makes a component at a place of the model: the place names its source of randomness. */
type Make = <T>(
  kind: ComponentKind,
  place: string,
  node: ChosenComponent,
  provide?: readonly (readonly [symbol, unknown])[],
) => Promise<T>;

/**
 * Builds the model of a config.
 *
 * @param random of the model; each parameter starts from the stream of its own name
 * @throws UsageError for sizes that do not fit, and for an architecture with slots whose parts are not all chosen
 */
export async function buildModel(
  config: ModelConfig,
  registry: ComponentFactory,
  random: RandomSource,
  logger: Logger,
): Promise<Model> {
  const { model, data } = config;
  const architecture = await registry.create<Architecture>('architecture', model.architecture.name, {
    options: model.architecture.options,
    provide: new Map([[LOGGER, logger]]),
  });
  const objectNodes = architecture.usesObjects ? requireObjectNodes(model) : null;
  const dimensions = await dimensionsOf(model.backbone, registry, data.crop_size);
  const c = dimensions.embedDim;

  const make: Make = (kind, place, { name, options }, provide = []) =>
    registry.create(kind, name, {
      options,
      provide: new Map<symbol, unknown>([
        [DIMENSIONS, dimensions],
        [RANDOM, random.scope(place)],
        [LOGGER, logger],
        ...provide,
      ]),
    });

  const { posEmbed, backbone } = await buildBackbone(model.backbone, make);
  const parts: ModelParts = {
    backbone,
    globalFn: globalFn(c, model.global_fn, random.scope('global_fn')),
    globalProj: globalProj(c, model.global_proj, random.scope('global_proj')),
    objQueries: objectNodes && (await make<ObjQueries>('obj_queries', 'obj_queries', objectNodes.queries)),
    objFn: objectNodes && (await buildObjFn(objectNodes.fn, model.backbone, posEmbed, make)),
    objProj: objectNodes && objProj(c, objectNodes.projection, random.scope('obj_proj')),
  };
  return new Model(architecture, parts, dimensions);
}

/** The model of a config and of its seed (`other.seed`): the same weights and draws wherever it is built. */
export function buildSeededModel(
  config: ModelConfig,
  seed: number,
  registry: ComponentFactory,
  logger: Logger,
): Promise<Model> {
  return buildModel(config, registry, new RandomSource(seed).scope('model'), logger);
}

/** Sizes follow from the backbone's options before anything is built. */
async function dimensionsOf(
  { name, options }: ChosenComponent,
  registry: ComponentFactory,
  imageSize: readonly [number, number],
): Promise<Dimensions> {
  const backboneClass = await registry.componentClass('backbone', name);
  const { dimensions } = backboneClass as unknown as Partial<BackboneClass>;
  const manifest = manifestOf(backboneClass);
  if (dimensions === undefined || manifest === undefined) {
    throw new UsageError(
      `The backbone ${name} cannot be used.`,
      `Its class ${backboneClass.name} has no static dimensions(options, imageSize).`,
    );
  }
  return dimensions.call(backboneClass, manifest.options.parse(options) as never, imageSize);
}

async function buildBackbone(
  node: BackboneNode,
  make: Make,
): Promise<{ posEmbed: PosEmbed | null; backbone: Backbone }> {
  const { pos_embed: posNode, pos_embed_dropout: dropout } = node;
  const posEmbed =
    posNode && (await make<PosEmbed>('pos_embed', 'backbone.pos_embed', posNode, [[POS_EMBED_DROPOUT, dropout]]));
  const pooling = await make<Pooling>('pooling', 'backbone.global_pool', node.global_pool);
  const backbone = await make<Backbone>('backbone', 'backbone', node, [
    [componentToken('pos_embed'), posEmbed],
    [componentToken('pooling'), pooling],
  ]);
  return { posEmbed, backbone };
}

/**
 * `pos_embed` is null, a component of its own (with the dropout rate of the backbone's, as in the reference's
 * `build_model`), or `backbone`: the backbone's instance.
 */
async function buildObjFn(
  node: ObjFnNode,
  { pos_embed_dropout: dropout }: BackboneNode,
  ofBackbone: PosEmbed | null,
  make: Make,
): Promise<ObjFn> {
  const { pos_embed: posNode } = node;
  const shared = posNode?.name === 'backbone';
  if (shared && ofBackbone === null) {
    throw new UsageError(
      'model.obj_fn.pos_embed=backbone shares the positions of the backbone, and it has none.',
      undefined,
      ['model.backbone.pos_embed=learned', 'model.obj_fn.pos_embed=null'],
    );
  }
  const posEmbed = shared
    ? ofBackbone
    : posNode && (await make<PosEmbed>('pos_embed', 'obj_fn.pos_embed', posNode, [[POS_EMBED_DROPOUT, dropout]]));
  return make<ObjFn>('obj_fn', 'obj_fn', node, [[componentToken('pos_embed'), posEmbed]]);
}

function requireObjectNodes({
  architecture,
  obj_queries: queries,
  obj_fn: fn,
  obj_proj: projection,
}: ModelConfig['model']): { queries: ChosenComponent; fn: ObjFnNode; projection: ProjectionConfig } {
  if (queries && fn && projection) return { queries, fn, projection };
  const missing = Object.entries({ obj_queries: queries, obj_fn: fn, obj_proj: projection })
    .filter(([, node]) => !node)
    .map(([key]) => `model.${key}`);
  throw new UsageError(
    `The architecture ${architecture.name} makes slots, and for that needs ${missing.join(' and ')}, which is null.`,
    undefined,
    ['model=vit_obj_global', 'model=vit_global'],
  );
}
