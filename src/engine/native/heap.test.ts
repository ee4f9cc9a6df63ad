import fc from 'fast-check';
import { Heap, viewOf, type Block } from './heap';

const REGION = 2 ** 28;

/** Regions of a few bytes that say to be large: blocks are places, nobody writes them. */
function makeHeap(cap: number) {
  const buffers: { buffer: ArrayBuffer; byteOffset: number; byteLength: number }[] = [];
  const heap = new Heap(
    {
      memory(bytes) {
        const region = { buffer: new ArrayBuffer(0), byteOffset: 128, byteLength: bytes };
        buffers.push(region);
        return region;
      },
    },
    cap,
  );
  return { heap, buffers };
}

const lengths = fc.oneof(
  fc.nat(5000),
  fc.integer({ min: 0, max: 2 ** 26 }),
  fc.integer({ min: 2 ** 26, max: 2 ** 28 }),
);
/** An allocation, or the release of one of the live blocks. */
const actions = fc.array(fc.record({ release: fc.boolean(), which: fc.nat(), length: lengths }), { maxLength: 120 });

test('live blocks lie in their regions, do not overlap, and are counted', () => {
  const property = fc.property(actions, fc.constantFrom(0, REGION, 2 ** 40), (list, cap) => {
    const { heap } = makeHeap(cap);
    const live: Block[] = [];
    for (const { release, which, length } of list) {
      if (release && live.length > 0) {
        heap.release(live.splice(which % live.length, 1)[0]!);
      } else {
        const block = heap.allocate(length);
        expect(block.bytes).toBeGreaterThanOrEqual(4 * length);
        expect(block.at % 64).toBe(0);
        expect(block.at).toBeGreaterThanOrEqual(block.region.byteOffset);
        expect(block.at + block.bytes).toBeLessThanOrEqual(block.region.byteOffset + block.region.byteLength);
        for (const other of live) {
          const apart =
            other.region !== block.region || other.at + other.bytes <= block.at || block.at + block.bytes <= other.at;
          expect(apart).toBe(true);
        }
        live.push(block);
      }
      expect(heap.stats.used).toBe(live.reduce((sum, block) => sum + block.bytes, 0));
    }
    const regions = new Set(live.map((block) => block.region));
    for (const block of live) heap.release(block);
    expect(heap.stats.used).toBe(0);
    // free neighbours have become one: each region is a single gap again
    for (const region of regions) expect(region.gaps).toEqual([{ at: 128, bytes: region.byteLength }]);
    expect(heap.stats.reserved).toBeLessThanOrEqual(Math.max(cap, 0));
  });
  fc.assert(property, { numRuns: process.env['CI'] === 'true' ? 500 : 100 });
});

test('memory is used again before more is reserved', () => {
  const { heap, buffers } = makeHeap(2 ** 40);
  for (let i = 0; i < 1000; i++) {
    const blocks = [1000 + i, 5_000_000 + 13 * i, 64].map((length) => heap.allocate(length));
    for (const block of blocks) heap.release(block);
  }
  expect(buffers).toHaveLength(1);
  expect(heap.stats).toEqual({ used: 0, reserved: REGION });
});

test('beyond the cap, regions that hold nothing are given back', () => {
  const { heap } = makeHeap(REGION);
  const blocks = [1, 2, 3].map(() => heap.allocate(REGION / 4));
  expect(heap.stats.reserved).toBe(3 * REGION);
  heap.release(blocks[1]!);
  expect(heap.stats.reserved).toBe(2 * REGION);
  heap.release(blocks[0]!);
  heap.release(blocks[2]!);
  expect(heap.stats).toEqual({ used: 0, reserved: REGION });
});

test('a view has the length that was asked for', () => {
  const buffer = new ArrayBuffer(4096);
  const heap = new Heap({ memory: () => ({ buffer, byteOffset: 0, byteLength: 4096 }) }, 0);
  expect(viewOf(heap.allocate(5), 5)).toHaveLength(5);
  expect(viewOf(heap.allocate(0), 0)).toHaveLength(0);
});
