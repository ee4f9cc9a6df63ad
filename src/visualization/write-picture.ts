import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import type { Picture } from '../sdk';

/**
 * Writes a PNG.
 *
 * @param path its folder is made where there is none
 * @throws Error for pixels that are not `[height, width, 3]`, SVG that cannot be read, and a file that cannot be written
 */
export async function writePicture(picture: Picture, path: string): Promise<void> {
  const rendered = render(picture);
  await mkdir(dirname(path), { recursive: true });
  await rendered.png({ compressionLevel: 9 }).toFile(path);
}

function render(picture: Picture): Sharp {
  if ('svg' in picture) return sharp(Buffer.from(picture.svg)).flatten({ background: '#ffffff' });
  const { width, height, pixels } = picture;
  if (pixels.length !== height * width * 3) {
    throw new Error(`The ${pixels.length} values of a picture are not the pixels [${height}, ${width}, 3].`);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}
