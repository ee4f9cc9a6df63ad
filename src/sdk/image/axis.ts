/**
 * Where the samples of a resized axis lie in the source. Computed in float32, step by step as TensorFlow does, because
 * the choice of neighbours and the test for "outside" are discontinuous: a double would choose others now and then.
 */
const f32 = Math.fround;

/** One output axis: `value[i] = source[low[i]] * (1 - weight[i]) + source[high[i]] * weight[i]`. */
export interface Axis {
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** In [0, 1). */
  readonly weight: Float32Array;
  /** Only outputs in [begin, end) lie inside the source. */
  readonly begin: number;
  readonly end: number;
}

function axis(outputs: number, length: number, positionOf: (i: number) => number): Axis {
  const low = new Int32Array(outputs);
  const high = new Int32Array(outputs);
  const weight = new Float32Array(outputs);
  let begin = 0;
  let end = 0;
  for (let i = 0; i < outputs; i++) {
    const position = positionOf(i);
    const floor = Math.floor(position);
    low[i] = Math.min(Math.max(floor, 0), length - 1);
    high[i] = Math.min(Math.max(Math.ceil(position), 0), length - 1);
    weight[i] = position - floor;
    if (position < 0) begin = i + 1;
    if (position <= length - 1) end = i + 1;
  }
  return { low, high, weight, begin, end: Math.max(begin, end) };
}

/**
 * The axis of `tf.image.crop_and_resize`: first and last output lie on the first and last pixel of the box.
 *
 * @param start where the box begins, in pixels; @param extent its length in pixels
 * @param length of the source axis; @param outputs number of output pixels
 */
export function cornerAlignedAxis(start: number, extent: number, length: number, outputs: number): Axis {
  const from = f32(f32(start) / length);
  const to = f32(f32(f32(start) + f32(extent)) / length);
  if (outputs === 1) {
    const centre = f32(0.5 * f32(f32(from + to) * (length - 1)));
    return axis(1, length, () => centre);
  }
  const origin = f32(from * (length - 1));
  const step = f32(f32(f32(to - from) * (length - 1)) / (outputs - 1));
  return axis(outputs, length, (i) => f32(origin + f32(i * step)));
}

/** The axis of `tf.image.resize`: half-pixel centres, no antialiasing, edge pixels repeated. */
export function halfPixelAxis(length: number, outputs: number): Axis {
  const scale = f32(length / outputs);
  return { ...axis(outputs, length, (i) => f32(f32(f32(i + 0.5) * scale) - 0.5)), begin: 0, end: outputs };
}
