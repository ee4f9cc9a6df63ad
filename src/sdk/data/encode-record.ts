/** Writing samples as records, in the format of the published multi-object data sets and of the split files made of them. */
import type { Sample } from '../contracts/data';
import { FormatError } from './broken-record';
import { type FeatureValue, encodeExample } from './example';
import { serializeTensor } from './tensor-proto';

/** A record of an image alone, equal to the byte to the reference's `serialize_image`. `image`: `[H, W, 3]`. */
export function encodeImageRecord(image: Uint8Array, height: number, width: number): Uint8Array {
  const tensor = serializeTensor({ values: image, shape: [height, width, 3] });
  return encodeExample({ image: { kind: 'bytes', values: [tensor] } });
}

/**
 * A whole record in the published format, of any size of image and number of entities: image and mask and uint8
 * attributes as one-byte strings, the others as floats.
 * @throws FormatError for a sample without masks
 */
export function encodeSceneRecord(sample: Sample): Uint8Array {
  if (!sample.masks) throw new FormatError('A scene without masks cannot be written as a whole record.');
  const features: Record<string, FeatureValue> = {
    image: { kind: 'singleBytes', values: sample.image },
    mask: { kind: 'singleBytes', values: sample.masks },
  };
  for (const [name, { values }] of Object.entries(sample.attributes ?? {})) {
    features[name] = values instanceof Float32Array ? { kind: 'float', values } : { kind: 'singleBytes', values };
  }
  return encodeExample(features);
}
