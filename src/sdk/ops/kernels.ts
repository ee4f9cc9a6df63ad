/** Made of the table in src/engine/native/cpp/kernels.def by `npm run build:kernels`: not to be edited. */

/**
 * Kernels that an engine may register for the ops of this folder: inputs → outputs, with their shapes. An attribute that is
 * called like an input says whether that one is there.
 */
export interface OpKernels {
  /**
   * x [outer, n, inner] → y [outer, n, inner]
   */
  OscSoftmax: {
    inputs: 'x';
    optional: never;
    attributes: Record<never, never>;
  };

  /**
   * x [..., in], weight [out, in], bias [out] or none, residual [..., out] or none → y [..., out]
   */
  OscLinear: {
    inputs: 'x' | 'weight';
    optional: 'bias' | 'residual';
    attributes: { bias: boolean };
  };

  /**
   * x [..., in], gamma [in], beta [in], weight [out, in], bias [out] or none → y [..., out]
   */
  OscNormLinear: {
    inputs: 'x' | 'gamma' | 'beta' | 'weight';
    optional: 'bias';
    attributes: { epsilon: number; bias: boolean };
  };

  /**
   * x [..., width], gamma [width], beta [width], weight1 [hidden, width], bias1 [hidden], weight2 [width, hidden],
   * bias2 [width] → y [..., width]
   */
  OscMlp: {
    inputs: 'x' | 'gamma' | 'beta' | 'weight1' | 'bias1' | 'weight2' | 'bias2';
    optional: never;
    attributes: { activation: 'gelu' | 'relu'; epsilon: number };
  };

  /**
   * x [..., width], gamma [width], beta [width] → y [..., width]
   */
  OscLayerNorm: {
    inputs: 'x' | 'gamma' | 'beta';
    optional: never;
    attributes: { epsilon: number };
  };

  /**
   * x [...] → y [...]
   */
  OscGelu: {
    inputs: 'x';
    optional: never;
    attributes: Record<never, never>;
  };

  /**
   * qkv [batch, rows, 3 * heads * depth] → y [batch, rows, heads * depth], sums [batch, heads, rows]
   */
  OscSelfAttention: {
    inputs: 'qkv';
    optional: never;
    attributes: { heads: number; scale: number };
  };

  /**
   * q [batch, rows, heads * depth], kv [batch, columns, 2 * heads * depth] → y [batch, rows, heads * depth], sums
   * [batch, heads, rows]
   */
  OscCrossAttention: {
    inputs: 'q' | 'kv';
    optional: never;
    attributes: { heads: number; scale: number };
  };

  /**
   * fromInput [rows, 3 * width], fromHidden [rows, 3 * width], hidden [rows, width] → y [rows, width]
   */
  OscGruGates: {
    inputs: 'fromInput' | 'fromHidden' | 'hidden';
    optional: never;
    attributes: Record<never, never>;
  };

  /**
   * x [..., width] → y [..., width]
   */
  OscL2Normalize: {
    inputs: 'x';
    optional: never;
    attributes: { epsilon: number };
  };

  /**
   * logits [rows, classes], targets [rows] → y [rows]
   */
  OscCrossEntropy: {
    inputs: 'logits' | 'targets';
    optional: never;
    attributes: Record<never, never>;
  };

  /**
   * parameter [...], gradient [...], mean [...], meanSquare [...] → newParameter [...], newMean [...], newMeanSquare
   * [...]
   */
  OscAdamW: {
    inputs: 'parameter' | 'gradient' | 'mean' | 'meanSquare';
    optional: never;
    attributes: {
      beta1: number;
      rest1: number;
      beta2: number;
      rest2: number;
      rootScale: number;
      epsilon: number;
      decay: number;
      rate: number;
    };
  };

  /**
   * x [batch, points, width], start [batch, clusters, width] → centroids [batch, clusters, width]
   */
  OscKMeans: {
    inputs: 'x' | 'start';
    optional: never;
    attributes: { cosine: boolean; maxIterations: number; tolerance: number };
  };
}
