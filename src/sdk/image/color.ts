/** Colour changes of float RGB pixels, `[…, 3]`, as `tf.image` defines them. The augmentation does the same, fused. */

/** Hue in sixths of the circle, [0, 6); grey has hue 0. `high` and `low` are the largest and smallest channel. */
function hueOf(r: number, g: number, b: number, high: number, low: number): number {
  const chroma = high - low;
  if (chroma <= 0) return 0;
  if (r === high) return g < b ? 6 + (g - b) / chroma : (g - b) / chroma;
  return g === high ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
}

function clamp01(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

function mapPixels(
  pixels: Float32Array,
  change: (hue: number, high: number, low: number) => readonly [hue: number, low: number],
): Float32Array {
  const out = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    const [r, g, b] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    const high = Math.max(r, g, b);
    const low = Math.min(r, g, b);
    const [hue, newLow] = change(hueOf(r, g, b, high, low), high, low);
    const chroma = high - newLow;
    out[i] = newLow + clamp01(Math.abs(hue - 3) - 1) * chroma;
    out[i + 1] = newLow + clamp01(2 - Math.abs(hue - 2)) * chroma;
    out[i + 2] = newLow + clamp01(2 - Math.abs(hue - 4)) * chroma;
  }
  return out;
}

/**
 * Adds `delta` to every value, without clipping.
 *
 * @param pixels `[…, 3]`
 */
export function adjustBrightness(pixels: Float32Array, delta: number): Float32Array {
  return pixels.map((value) => value + delta);
}

/**
 * Multiplies the HSV saturation by `factor`; it is clamped to [0, 1], so negative channels become 0, and pixels whose
 * largest channel is not positive become grey.
 *
 * @param pixels `[…, 3]`
 */
export function adjustSaturation(pixels: Float32Array, factor: number): Float32Array {
  return mapPixels(pixels, (hue, high, low) => [hue, high - newChroma(high, high - low, factor)]);
}

/**
 * Chroma (largest minus smallest channel) after the saturation, chroma / value, was multiplied by `factor`.
 */
export function newChroma(value: number, chroma: number, factor: number): number {
  if (value <= 0) return 0;
  const scaled = chroma * factor;
  return scaled < 0 ? 0 : scaled > value ? value : scaled;
}

/**
 * Turns the hue by `delta`, 1 being the whole circle; largest and smallest channel stay.
 *
 * @param pixels `[…, 3]`
 */
export function adjustHue(pixels: Float32Array, delta: number): Float32Array {
  return mapPixels(pixels, (hue, _high, low) => {
    const turned = (hue + delta * 6) % 6;
    return [turned < 0 ? turned + 6 : turned, low];
  });
}
