/** Cells of one size in rows, with captions above the columns. */
import { Canvas, captionHeight, captionWidth, type Rgb } from './canvas';

const PAPER: Rgb = [255, 255, 255];
const INK: Rgb = [60, 60, 60];
const GAP = 4;
const CELL_PIXELS = 96;
const CAPTION_SCALE = 2;
const SMALL_CAPTION_SCALE = 1;

/** `[h, w, 3]`, a text over the place of `columns` cells, or nothing. */
export type Cell = Uint8Array | { readonly text: string; readonly columns: number } | null;

/** What {@link drawCells} draws. */
export interface CellGrid {
  /** Over each column. */
  readonly captions: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** `[h, w]` of a cell before it is enlarged. */
  readonly cellSize: readonly [number, number];
}

/** Draws cells in rows on white; small ones are enlarged to about 96 pixels, and captions that are too wide are made small. */
export function drawCells({ captions, rows, cellSize: [h, w] }: CellGrid): Canvas {
  const scale = Math.max(1, Math.round(CELL_PIXELS / Math.max(h, w)));
  const stepX = w * scale + GAP;
  const stepY = h * scale + GAP;
  const top = captionHeight(CAPTION_SCALE) + 3 * GAP;
  const canvas = new Canvas(captions.length * stepX + GAP, top + rows.length * stepY, PAPER);
  captions.forEach((text, column) => {
    canvas.caption(text, GAP + column * stepX + (w * scale) / 2, GAP, INK, captionScale(text, stepX));
  });
  rows.forEach((cells, row) => {
    cells.forEach((cell, column) => {
      const [left, y] = [GAP + column * stepX, top + row * stepY];
      if (cell instanceof Uint8Array) canvas.draw(cell, h, w, left, y, scale);
      else if (cell !== null) {
        const space = cell.columns * stepX;
        const textScale = captionScale(cell.text, space);
        const middle = y + (h * scale - captionHeight(textScale)) / 2;
        canvas.caption(cell.text, left + (space - GAP) / 2, Math.round(middle), INK, textScale);
      }
    });
  });
  return canvas;
}

function captionScale(text: string, space: number): number {
  return captionWidth(text, CAPTION_SCALE) <= space ? CAPTION_SCALE : SMALL_CAPTION_SCALE;
}
