/** What is made of the times of steps. */

/** Of one process. */
export interface Timing {
  /** Of each timed step. */
  readonly stepSeconds: readonly number[];
  /** Largest resident memory of the process, MB (2^20 bytes), whole. */
  readonly peakRssMb: number;
}

export interface Speed {
  readonly medianCropsPerSecond: number;
  readonly fastestCropsPerSecond: number;
  /** The largest of all processes. */
  readonly peakRssMb: number;
}

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('There is no median of nothing.');
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Over the steps of all rounds. */
export function speedOf(crops: number, rounds: readonly Timing[]): Speed {
  const seconds = rounds.flatMap(({ stepSeconds }) => stepSeconds);
  return {
    medianCropsPerSecond: crops / median(seconds),
    fastestCropsPerSecond: crops / Math.min(...seconds),
    peakRssMb: Math.max(...rounds.map(({ peakRssMb }) => peakRssMb)),
  };
}

export interface Ratios {
  /** Our median to the peer's fastest step: what we claim. */
  readonly medianToFastest: number;
  readonly medianToMedian: number;
  /** Our peak memory to the peer's. */
  readonly memory: number;
}

export function ratiosOf(ours: Speed, peer: Speed): Ratios {
  return {
    medianToFastest: ours.medianCropsPerSecond / peer.fastestCropsPerSecond,
    medianToMedian: ours.medianCropsPerSecond / peer.medianCropsPerSecond,
    memory: ours.peakRssMb / peer.peakRssMb,
  };
}
