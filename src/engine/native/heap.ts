/** Memory of tensors: blocks of large regions, given back by hand, merged with their free neighbours, used again. */
import type { Library, Region } from './library';

/** A part of a region that belongs to one tensor. */
export interface Block {
  readonly region: HeapRegion;
  readonly at: number;
  readonly bytes: number;
}

interface Gap {
  at: number;
  bytes: number;
}

interface HeapRegion extends Region {
  /** By place; never two side by side. */
  readonly gaps: Gap[];
}

/** A cache line, and the widest vector. */
const ALIGNMENT = 64;
const REGION_BYTES = 2 ** 28;
const FLOAT_BYTES = 4;

export class Heap {
  #regions: HeapRegion[] = [];
  #reserved = 0;
  #used = 0;

  /**
   * @param cap bytes beyond which regions that hold nothing are given back
   * @param regionBytes the least that is asked for
   */
  constructor(
    private readonly library: Pick<Library, 'memory'>,
    private readonly cap: number,
    private readonly regionBytes = REGION_BYTES,
  ) {}

  /** Bytes of blocks in use, and of regions. */
  get stats(): { used: number; reserved: number } {
    return { used: this.#used, reserved: this.#reserved };
  }

  /** A block for `length` floats: the smallest gap that it fits in, the first of equals. */
  allocate(length: number): Block {
    const bytes = Math.max(ALIGNMENT, Math.ceil((length * FLOAT_BYTES) / ALIGNMENT) * ALIGNMENT);
    let best: Gap | undefined;
    let bestRegion: HeapRegion | undefined;
    for (const region of this.#regions) {
      for (const gap of region.gaps) {
        if (gap.bytes < bytes || (best && gap.bytes >= best.bytes)) continue;
        [best, bestRegion] = [gap, region];
        if (gap.bytes === bytes) break;
      }
    }
    if (!best || !bestRegion) {
      bestRegion = this.#reserve(bytes);
      best = bestRegion.gaps[0]!;
    }
    const block = { region: bestRegion, at: best.at, bytes };
    best.at += bytes;
    best.bytes -= bytes;
    if (best.bytes === 0) bestRegion.gaps.splice(bestRegion.gaps.indexOf(best), 1);
    this.#used += bytes;
    return block;
  }

  /** A block may be released once; nothing may read or write it afterwards. */
  release({ region, at, bytes }: Block): void {
    const { gaps } = region;
    let low = 0;
    for (let high = gaps.length; low < high;) {
      const middle = (low + high) >>> 1;
      if (gaps[middle]!.at < at) low = middle + 1;
      else high = middle;
    }
    const [before, after] = [gaps[low - 1], gaps[low]];
    const joinsBefore = before !== undefined && before.at + before.bytes === at;
    const joinsAfter = after !== undefined && at + bytes === after.at;
    if (joinsBefore) {
      before.bytes += bytes + (joinsAfter ? after.bytes : 0);
      if (joinsAfter) gaps.splice(low, 1);
    } else if (joinsAfter) {
      after.at = at;
      after.bytes += bytes;
    } else {
      gaps.splice(low, 0, { at, bytes });
    }
    this.#used -= bytes;
    if (gaps[0]!.bytes === region.byteLength && this.#reserved > this.cap) {
      this.#regions = this.#regions.filter((other) => other !== region);
      this.#reserved -= region.byteLength;
    }
  }

  /** @throws RangeError where there is no more memory */
  #reserve(bytes: number): HeapRegion {
    const region = this.library.memory(Math.max(bytes, this.regionBytes));
    const held = { ...region, gaps: [{ at: region.byteOffset, bytes: region.byteLength }] };
    this.#regions.push(held);
    this.#reserved += region.byteLength;
    return held;
  }
}

/** The floats of a block. */
export function viewOf({ region, at }: Block, length: number): Float32Array {
  return new Float32Array(region.buffer, at, length);
}
