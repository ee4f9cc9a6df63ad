/** Pictures of pixels, without a library and without fonts of the system: a server may have none. */
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphRows } from './font';

/** 0 to 255 each. */
export type Rgb = readonly [number, number, number];

/** An RGB image to draw into. It is a `Picture` that a figure may return. Places are pixels from the upper left corner. */
export class Canvas {
  /** `[height, width, 3]` */
  readonly pixels: Uint8Array;

  constructor(
    readonly width: number,
    readonly height: number,
    background: Rgb,
  ) {
    this.pixels = new Uint8Array(width * height * 3);
    for (let i = 0; i < this.pixels.length; i += 3) this.#put(i, background, 0);
  }

  /** A pixel at index `to`, from a color or from an image. `set` of three numbers takes eight times as long. */
  #put(to: number, from: ArrayLike<number>, at: number): void {
    this.pixels[to] = from[at]!;
    this.pixels[to + 1] = from[at + 1]!;
    this.pixels[to + 2] = from[at + 2]!;
  }

  /** Draws `image` `[h, w, 3]` with its pixels enlarged `scale` times. */
  draw(image: Uint8Array, h: number, w: number, left: number, top: number, scale: number): void {
    for (let y = 0; y < h * scale; y++) {
      for (let x = 0; x < w * scale; x++) {
        const from = (Math.floor(y / scale) * w + Math.floor(x / scale)) * 3;
        this.#put(((top + y) * this.width + left + x) * 3, image, from);
      }
    }
  }

  /**
   * Centres `text` on `centre`. The font has lower-case letters, digits and `. - _ = / , :`; any other character is left blank.
   *
   * @param top of the text
   * @param scale pixels of a dot; a character is 5 by 7 of them
   */
  caption(text: string, centre: number, top: number, color: Rgb, scale: number): void {
    const advance = (GLYPH_WIDTH + 1) * scale;
    let left = Math.round(centre - (text.length * advance - scale) / 2);
    for (const character of text) {
      glyphRows(character).forEach((row, y) => {
        for (let x = 0; x < GLYPH_WIDTH; x++) {
          if (row[x] === '#') this.#block(left + x * scale, top + y * scale, scale, color);
        }
      });
      left += advance;
    }
  }

  /** A line of `width` pixels between the middles of two pixels. */
  line(x0: number, y0: number, x1: number, y1: number, color: Rgb, width: number): void {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))));
    const shift = Math.floor((width - 1) / 2);
    for (let i = 0; i <= steps; i++) {
      const at = (from: number, to: number): number => Math.round(from + ((to - from) * i) / steps) - shift;
      this.#block(at(x0, x1), at(y0, y1), width, color);
    }
  }

  #block(left: number, top: number, size: number, color: Rgb): void {
    for (let y = Math.max(top, 0); y < Math.min(top + size, this.height); y++) {
      for (let x = Math.max(left, 0); x < Math.min(left + size, this.width); x++) {
        this.#put((y * this.width + x) * 3, color, 0);
      }
    }
  }
}

/** Pixels that {@link Canvas.caption} takes from left to right. */
export function captionWidth(text: string, scale: number): number {
  return text.length * (GLYPH_WIDTH + 1) * scale - scale;
}

/** Pixels that a line of text takes from top to bottom. */
export function captionHeight(scale: number): number {
  return GLYPH_HEIGHT * scale;
}
