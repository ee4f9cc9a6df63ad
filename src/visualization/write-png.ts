import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';
import type { Canvas } from './canvas';

/** @param path its folder is made where there is none */
export async function writePng(canvas: Canvas, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const { width, height } = canvas;
  await sharp(canvas.data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toFile(path);
}
