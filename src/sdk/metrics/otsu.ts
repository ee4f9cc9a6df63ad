const f32 = Math.fround;

/**
 * Otsu's threshold: it splits the values so that the variance between the two classes is greatest. `value > threshold`
 * is the upper class. Computed in float32 step by step, as `skimage.filters.threshold_otsu` does for float32 images: the
 * best bin is a discontinuous choice.
 *
 * Values that are all equal, or so close that float32 cannot divide their range into bins, have no upper class: the
 * threshold is their maximum.
 *
 * @throws RangeError for no values, or one that is not finite
 *
 * Source: N. Otsu, A threshold selection method from gray-level histograms, 1979.
 */
export function otsuThreshold(values: Float32Array, numBins = 256): number {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) throw new RangeError(`A threshold needs finite values, and one is ${value}.`);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (values.length === 0) throw new RangeError('There are no values to find a threshold of.');
  const edges = binEdges(low, high, numBins);
  for (let i = 0; i < numBins; i++) if (edges[i]! >= edges[i + 1]!) return high;

  const counts = histogram(values, edges);
  const centers = Float32Array.from(counts, (_, i) => f32(edges[i]! + edges[i + 1]!) / 2);
  return centers[bestSplit(counts, centers)]!;
}

/** `[n + 1]`, as `numpy.linspace` gives them in float32. */
function binEdges(low: number, high: number, numBins: number): Float32Array {
  const step = f32(f32(high - low) / numBins);
  const edges = Float32Array.from({ length: numBins + 1 }, (_, i) => f32(i * step) + low);
  edges[numBins] = high;
  return edges;
}

function histogram(values: Float32Array, edges: Float32Array): Float32Array {
  const numBins = edges.length - 1;
  const [low, high] = [edges[0]!, edges[numBins]!];
  const scale = numBins / (high - low);
  const counts = new Float32Array(numBins);
  for (const value of values) {
    let bin = Math.min(Math.floor((value - low) * scale), numBins - 1);
    // the edges decide; the last bin has both of its own
    while (value < edges[bin]!) bin--;
    while (bin < numBins - 1 && value >= edges[bin + 1]!) bin++;
    counts[bin]!++;
  }
  return counts;
}

/** The bin after which the classes part; the first of several best. First and last bin are not empty. */
function bestSplit(counts: Float32Array, centers: Float32Array): number {
  const numBins = counts.length;
  const weightBelow = new Float32Array(numBins);
  const meanBelow = new Float32Array(numBins);
  const weightAbove = new Float32Array(numBins);
  const meanAbove = new Float32Array(numBins);
  for (let i = 0, weight = 0, sum = 0; i < numBins; i++) {
    weight = f32(weight + counts[i]!);
    sum = f32(sum + f32(counts[i]! * centers[i]!));
    weightBelow[i] = weight;
    meanBelow[i] = sum / weight;
  }
  for (let i = numBins - 1, weight = 0, sum = 0; i >= 0; i--) {
    weight = f32(weight + counts[i]!);
    sum = f32(sum + f32(counts[i]! * centers[i]!));
    weightAbove[i] = weight;
    meanAbove[i] = sum / weight;
  }
  let best = 0;
  let greatest = -Infinity;
  for (let i = 0; i < numBins - 1; i++) {
    const apart = f32(meanBelow[i]! - meanAbove[i + 1]!);
    const variance = f32(f32(weightBelow[i]! * weightAbove[i + 1]!) * f32(apart * apart));
    if (variance > greatest) {
      greatest = variance;
      best = i;
    }
  }
  return best;
}
