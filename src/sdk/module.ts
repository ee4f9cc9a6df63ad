/** Modules own named parameters, as in PyTorch; the dotted names are those of the reference's state dict. */
import * as tf from '@tensorflow/tfjs-core';

/** How a forward pass is run. */
export interface Mode {
  /** Dropout and drop path are on, sampled queries differ from step to step. */
  readonly training: boolean;
  /** Index of the optimizer step, from 0: what random draws of a step depend on. */
  readonly step: number;
  /**
   * Share of the run's training that is done, from 0 in the first step to below 1 in the last: what anneals over training reads it.
   * Absent outside a training step, where training counts as done.
   */
  readonly progress?: number;
  /** Return attention maps too. Off in training: an engine's fused attention never builds them. */
  readonly attention?: boolean;
  /**
   * The pass is recorded, to be run elsewhere on other images (ONNX). What is computed may not depend on values: no tensor is
   * read, and a loop that would end on a value runs to its last iteration, changing nothing once it is done.
   */
  readonly recording?: boolean;
  /** Which of a step's calls of a module this is, where there are several: each scope has random draws of its own. */
  readonly scope?: string;
}

/** Fills a fresh parameter: `shape` in torch layout. */
export type Initializer = (shape: readonly number[]) => Float32Array;

/** Parameters by dotted name, in the order of declaration. */
export type NamedParameters = ReadonlyMap<string, tf.Variable>;

export abstract class Module {
  readonly #parameters = new Map<string, tf.Variable>();
  readonly #children = new Map<string, Module>();

  /**
   * Declares a parameter of this module, trainable, float32.
   *
   * @param name local name, may be dotted (`proj_qkv.0.weight`)
   * @param shape torch layout (a linear layer's weight is `[out, in]`)
   */
  protected parameter<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], init: Initializer): tf.Variable<R> {
    const dims = shape as number[];
    const variable = tf.tidy(() => tf.variable(tf.tensor(init(dims), dims as never, 'float32') as tf.Tensor<R>, true));
    this.#parameters.set(name, variable as tf.Variable);
    return variable;
  }

  /** Declares a child; its parameters are named `NAME.…`. */
  protected child<M extends Module>(name: string, module: M): M {
    this.#children.set(name, module);
    return module;
  }

  /**
   * All parameters of this module and of its children. One shared by two places appears once, under its first name
   * (`model.obj_fn.pos_embed=backbone` is `backbone.pos_embed.embed`).
   */
  namedParameters(): NamedParameters {
    const seen = new Set<tf.Variable>();
    return new Map([...this.#walk('')].filter(([, variable]) => !seen.has(variable) && seen.add(variable)));
  }

  /** As PyTorch's `state_dict()`: a parameter shared by two places is there under both names. */
  stateDict(): NamedParameters {
    return new Map(this.#walk(''));
  }

  *#walk(prefix: string): Generator<[string, tf.Variable]> {
    for (const [name, variable] of this.#parameters) yield [prefix + name, variable];
    for (const [name, child] of this.#children) yield* child.#walk(`${prefix}${name}.`);
  }

  /** Frees all parameters. */
  dispose(): void {
    for (const variable of this.namedParameters().values()) variable.dispose();
  }
}
