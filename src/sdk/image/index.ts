/** `osc-trainer/sdk/image`: augmentation of training images, preparation of test images, resizing, colour. */
export type { CropBox, ImageSize, Normalization, RgbImage } from './types';
export { cropAndResize, resizeBilinear } from './resize';
export { adjustBrightness, adjustHue, adjustSaturation } from './color';
export { randomResizedCropBox, type CropDraws } from './random-resized-crop';
export { augmentInto, drawAugmentation, type Augmentation } from './augment';
export { normalizeImage, unnormalizeImage } from './normalize';
export { prepareTestImage, prepareTestLabels, prepareTestMasks } from './prepare-test';
