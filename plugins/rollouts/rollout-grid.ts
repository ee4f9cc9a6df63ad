/** The grid of rollouts: for each crop where the backbone, the global representation and each slot look. */
import { drawCells, heatMap, type Canvas, type Cell } from 'osc-trainer/sdk/image';

/** Where a model looks in a crop; N = gridH * gridW. */
export interface CropRollouts {
  /** `[N]` */
  readonly backbone: Float32Array;
  /** `[N]` */
  readonly global: Float32Array;
  /** Null for a model without slots. */
  readonly slots: {
    /** Where slots look in the patch tokens, `[S, N]`. */
    readonly tokens: Float32Array;
    /** Where they look in the image, `[S, N]`. */
    readonly image: Float32Array;
  } | null;
}

export interface RolloutCrop extends CropRollouts {
  /** `[h, w, 3]` */
  readonly image: Uint8Array;
}

export interface RolloutSizes {
  readonly imageSize: readonly [number, number];
  readonly grid: readonly [number, number];
}

/** One row a crop, and below it a second one with the slots followed back through the backbone. */
export function rolloutGrid(crops: readonly RolloutCrop[], { imageSize, grid }: RolloutSizes): Canvas {
  const numTokens = grid[0] * grid[1];
  const numSlots = (crops[0]?.slots?.tokens.length ?? 0) / numTokens;
  const slots = Array.from({ length: numSlots }, (_, slot) => slot);
  const cell = (values: Float32Array): Uint8Array => heatMap(values, grid, imageSize);
  const cells = (maps: Float32Array): Uint8Array[] =>
    slots.map((slot) => cell(maps.subarray(slot * numTokens, (slot + 1) * numTokens)));
  const rows = crops.flatMap(({ image, backbone, global, slots: ofSlots }): Cell[][] => {
    const first = [image, cell(backbone), cell(global)];
    if (ofSlots === null) return [first];
    const label: Cell[] = [{ text: 'through the backbone', columns: first.length }, null, null];
    return [
      [...first, ...cells(ofSlots.tokens)],
      [...label, ...cells(ofSlots.image)],
    ];
  });
  const captions = ['input', 'backbone', 'global', ...slots.map((slot) => `slot ${slot + 1}`)];
  return drawCells({ captions, rows, cellSize: imageSize });
}
