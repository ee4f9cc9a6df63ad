import type * as tf from '@tensorflow/tfjs-core';
import type { Architecture, Dimensions, ModelOutputs, ModelParts } from '../sdk';
import { Module, type Mode } from '../sdk/module';
import type { SavedTensor } from '../sdk/safetensors';
import { assignWeights } from './assign-weights';
import { withoutSecondNames } from './state-dict';

/** A built model. Parameters `backbone.*`, `global_fn.*`, `global_proj.*`, `obj_queries.*`, `obj_fn.*`, `obj_proj.*`. */
export class Model extends Module {
  constructor(
    private readonly architecture: Architecture,
    readonly parts: ModelParts,
    readonly dimensions: Dimensions,
  ) {
    super();
    this.child('backbone', parts.backbone);
    this.child('global_fn', parts.globalFn);
    this.child('global_proj', parts.globalProj);
    if (parts.objQueries) this.child('obj_queries', parts.objQueries);
    if (parts.objFn) this.child('obj_fn', parts.objFn);
    if (parts.objProj) this.child('obj_proj', parts.objProj);
  }

  /** The model has slots. */
  get usesObjects(): boolean {
    return this.architecture.usesObjects;
  }

  /** The global representation is made of the slots. */
  get globalFromSlots(): boolean {
    return this.architecture.globalFromSlots ?? false;
  }

  /**
   * @param images `[2B, 3, H, W]`, normalised, A-major: rows i and i + B are two views of an image
   * @param numObjects another number of slots than the config's, for this call
   */
  forward(images: tf.Tensor4D, mode: Mode, numObjects?: number): ModelOutputs {
    return this.architecture.forward(this.parts, images, mode, numObjects);
  }

  /**
   * Replaces every parameter. Nothing is changed when the names or shapes differ.
   *
   * @param weights by the names of {@link namedParameters} or of {@link stateDict}
   * @param source where they come from, for the message
   * @throws UsageError that lists wrong shapes, missing and unexpected names
   */
  loadWeights(weights: ReadonlyMap<string, SavedTensor>, source: string): void {
    assignWeights(this.namedParameters(), withoutSecondNames(this, weights, source), source);
  }
}
