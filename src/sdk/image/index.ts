/** Images: augmentation of training images, preparation of test images, resizing, colour. */
export type * from './types';
export { cropAndResize, resizeBilinear } from './resize';
export { adjustBrightness, adjustHue, adjustSaturation } from './color';
export { CROP_ATTEMPTS, CROP_RATIO, type CropDraws, randomResizedCropBox } from './random-resized-crop';
export { type Augmentation, augmentInto, drawAugmentation } from './augment';
export { normalizeImage, unnormalizeImage } from './normalize';
export { cropCentreSquare, prepareTestImage, prepareTestLabels, prepareTestMasks } from './prepare-test';
