import {
  component,
  forwardSamples,
  z,
  type BatchOutputs,
  type Figure,
  type FigureContext,
  type MaskSource,
  type NoPicture,
  type Picture,
} from 'osc-trainer/sdk';
import { unnormalizeImage, type ImageSize, type Normalization } from 'osc-trainer/sdk/image';
import { reconstructionGrid, type Reconstructed } from './reconstruction-grid';

type Reconstructing = MaskSource & Required<Pick<MaskSource, 'reconstruct'>>;

/** The first test images as the slots paint them. */
@component({
  kind: 'figure',
  name: 'reconstruction',
  summary: 'Test images, their reconstruction, the masks behind it and what each slot has of the image',
  options: z.strictObject({}),
})
export class ReconstructionFigure implements Figure {
  async check({ masks, testSamples }: FigureContext): Promise<void> {
    if (masks.some(reconstructs)) await testSamples();
  }

  async draw({ model, masks, normalize, testSamples }: FigureContext): Promise<Picture | NoPicture> {
    const sources = masks.filter(reconstructs);
    if (sources.length === 0) return { none: 'no loss makes a reconstruction of the images' };
    if (!model.usesObjects) return { none: 'the model has no slots' };
    const samples = await testSamples();
    if (samples.length === 0) return { none: 'there are no test images' };
    const { imageSize } = model.dimensions;
    const made = forwardSamples(model, samples, {}, (outputs, batch) => ({
      numSlots: outputs.fSlots?.shape[1] ?? 0,
      ofSources: sources.map((source) => reconstructionsOf(source, batch, imageSize, normalize)),
    }));
    const images = samples.map(({ image }, i) => ({
      image: unnormalizeImage(image, imageSize, normalize),
      reconstructions: made.ofSources.map((ofImages) => ofImages[i]!),
    }));
    return reconstructionGrid(images, { imageSize, numSlots: made.numSlots });
  }
}

function reconstructs(source: MaskSource): source is Reconstructing {
  return source.reconstruct !== undefined;
}

/** What a loss makes of each image of a batch. */
function reconstructionsOf(
  source: Reconstructing,
  batch: BatchOutputs,
  imageSize: ImageSize,
  normalize: Normalization,
): Reconstructed[] {
  const masks = source.masks(batch);
  const [count, , mh, mw] = masks.shape;
  const maskValues = Float32Array.from(masks.dataSync());
  const pixels = Float32Array.from(source.reconstruct(batch).dataSync());
  const part = (values: Float32Array, i: number): Float32Array =>
    values.subarray((i * values.length) / count, ((i + 1) * values.length) / count);
  return Array.from({ length: count }, (_, i) => ({
    source: source.name,
    painted: unnormalizeImage(part(pixels, i), imageSize, normalize),
    masks: part(maskValues, i),
    maskSize: [mh, mw] as const,
  }));
}
