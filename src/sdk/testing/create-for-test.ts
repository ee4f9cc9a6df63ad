import * as tf from '@tensorflow/tfjs-core';
import { manifestOf, type ComponentClass, type ComponentManifest } from '../component';
import type { BackboneClass, Dimensions, Pooling } from '../contracts/model';
import { createComponent } from '../create-component';
import type { Logger } from '../logger';
import { parseOptions } from '../options';
import { RandomSource } from '../random';
import { SCENE_NORMALIZATION } from './test-scenes';
import { componentToken, DIMENSIONS, LOGGER, NORMALIZATION, POS_EMBED_DROPOUT, RANDOM } from '../tokens';

export interface TestSetup {
  /** Options of the component; those left out take their defaults. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Sizes that differ from {@link testDimensions}. */
  readonly dimensions?: Partial<Dimensions>;
  /** Seed of the `RANDOM` it gets. Default 0. */
  readonly seed?: number;
  /** What it gets beyond, or instead of, the usual: by token, a value may be null. */
  readonly provide?: ReadonlyMap<symbol, unknown>;
}

/** Small sizes for tests, all different where they can be: images of 16x24, a grid of 2x3, width 8. */
export const testDimensions: Dimensions = { imageSize: [16, 24], grid: [2, 3], numTokens: 6, embedDim: 8 };

const silentLogger: Logger = { error() {}, warn() {}, info() {}, debug() {} };

/** Mean of the patch tokens: the pooling that a backbone under test gets. */
export const meanPooling: Pooling = { usesClassToken: false, pool: (patchTokens) => tf.mean(patchTokens, 1) };

/** @throws Error for a class without `@component` */
export function manifestFor(componentClass: unknown): ComponentManifest {
  const manifest = manifestOf(componentClass);
  if (manifest === undefined) {
    const name = typeof componentClass === 'function' ? componentClass.name : String(componentClass);
    throw new Error(`${name} is not a component: decorate the class with @component({ … }).`);
  }
  return manifest;
}

/** The sizes a component is tested with: a backbone says its own, the others get {@link testDimensions}. */
export function dimensionsFor(componentClass: ComponentClass, setup: TestSetup): Dimensions {
  const manifest = manifestFor(componentClass);
  const wanted = { ...testDimensions, ...setup.dimensions };
  if (manifest.kind !== 'backbone') return wanted;
  const { dimensions } = componentClass as unknown as Partial<BackboneClass>;
  if (dimensions === undefined) throw new Error(`A backbone needs a static dimensions(options, imageSize).`);
  return dimensions.call(componentClass, parseOptions(manifest, setup.options ?? {}) as never, wanted.imageSize);
}

/**
 * Makes a component without a registry, with all that a component may ask for.
 *
 * @example const queries = createForTest<ObjQueries>(RingQueries, { options: { num_objects: 4 } });
 * @throws UsageError for wrong options, or a constructor that asks for what is not there
 */
export function createForTest<T>(componentClass: ComponentClass, setup: TestSetup = {}): T {
  const manifest = manifestFor(componentClass);
  const provide = new Map<symbol, unknown>([
    [DIMENSIONS, dimensionsFor(componentClass, setup)],
    [RANDOM, new RandomSource(setup.seed ?? 0)],
    [LOGGER, silentLogger],
    [NORMALIZATION, SCENE_NORMALIZATION],
    [POS_EMBED_DROPOUT, 0],
    [componentToken('pos_embed'), null],
    [componentToken('pooling'), meanPooling],
    ...(setup.provide ?? []),
  ]);
  const options = parseOptions(manifest, setup.options ?? {});
  return createComponent<T>(componentClass, `The ${manifest.kind} "${manifest.name}"`, options, provide);
}
