/** What the maps of slots say of a model: which share of the tokens each slot takes, and whether its place depends on the image. */

/** Means over images. */
export interface SlotMapFigures {
  /** S. */
  readonly numSlots: number;
  /** Entropy of the slots' areas, in nats: 0 = one slot has all tokens, ln S = all have as many. */
  readonly entropy: number;
  /** Slots that win at least one token in a hundred. */
  readonly inUse: number;
  /** Slots that share a token: the perplexity of its map over slots, 1 = it is of one slot alone. */
  readonly perToken: number;
  /**
   * Correlation over tokens of a slot's map with the mean of its maps in the other images, over slots in use: 1 = the map is the same
   * whatever the image shows. Null for one image alone, and where no map of a slot in use varies.
   */
  readonly agreement: number | null;
}

const IN_USE = 0.01;

/** @param maps `[n, S, N]`, not negative, row-major; a token's values over slots are taken as shares of it */
export function slotMapFigures(
  maps: ArrayLike<number>,
  [images, slots, tokens]: readonly [number, number, number],
): SlotMapFigures {
  const shares = sharesOf(maps, [images, slots, tokens]);
  let [entropy, inUse, perToken] = [0, 0, 0];
  const used: boolean[] = [];
  for (let image = 0; image < images; image++) {
    const wins = new Float64Array(slots);
    const areas = new Float64Array(slots);
    for (let token = 0; token < tokens; token++) {
      let [winner, ofToken] = [0, 0];
      const at = (slot: number): number => shares[(image * slots + slot) * tokens + token]!;
      for (let slot = 0; slot < slots; slot++) {
        const share = at(slot);
        areas[slot]! += share / tokens;
        ofToken += nats(share);
        if (share > at(winner)) winner = slot;
      }
      wins[winner]! += 1 / tokens;
      perToken += Math.exp(ofToken) / tokens;
    }
    entropy += areas.reduce((sum, area) => sum + nats(area), 0);
    for (const won of wins) used.push(won >= IN_USE);
    inUse += wins.filter((won) => won >= IN_USE).length;
  }
  return {
    numSlots: slots,
    entropy: entropy / images,
    inUse: inUse / images,
    perToken: perToken / images,
    agreement: agreementOf(shares, [images, slots, tokens], used),
  };
}

function nats(share: number): number {
  return share > 0 ? -share * Math.log(share) : 0;
}

/** @returns of each token, `[n, S, N]`; all slots alike where none has any of it */
export function sharesOf(
  maps: ArrayLike<number>,
  [images, slots, tokens]: readonly [number, number, number],
): Float64Array {
  const shares = Float64Array.from(maps);
  for (let image = 0; image < images; image++) {
    for (let token = 0; token < tokens; token++) {
      const at = (slot: number): number => (image * slots + slot) * tokens + token;
      let sum = 0;
      for (let slot = 0; slot < slots; slot++) sum += shares[at(slot)]!;
      for (let slot = 0; slot < slots; slot++) shares[at(slot)] = sum > 0 ? shares[at(slot)]! / sum : 1 / slots;
    }
  }
  return shares;
}

function agreementOf(
  shares: Float64Array,
  [images, slots, tokens]: readonly [number, number, number],
  used: readonly boolean[],
): number | null {
  if (images < 2) return null;
  const correlations: number[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const sum = new Float64Array(tokens);
    const mapOf = (image: number): Float64Array => {
      const start = (image * slots + slot) * tokens;
      return shares.subarray(start, start + tokens);
    };
    for (let image = 0; image < images; image++) mapOf(image).forEach((share, token) => (sum[token]! += share));
    for (let image = 0; image < images; image++) {
      if (used[image * slots + slot] !== true) continue;
      const map = mapOf(image);
      const found = correlation(
        map,
        sum.map((value, token) => value - map[token]!),
      );
      if (found !== null) correlations.push(found);
    }
  }
  if (correlations.length === 0) return null;
  return correlations.reduce((total, value) => total + value, 0) / correlations.length;
}

/** Pearson's; null where one of them is constant. */
function correlation(a: Float64Array, b: Float64Array): number | null {
  const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : null;
}
