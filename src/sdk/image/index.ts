/** `osc-trainer/sdk/image`: augmentation of training images, preparation of test images, resizing, colour; drawing of figures. */
export type { CropBox, ImageSize, Normalization, RgbImage } from './types';
export { cropAndResize, resizeBilinear } from './resize';
export { adjustBrightness, adjustHue, adjustSaturation } from './color';
export { randomResizedCropBox, type CropDraws } from './random-resized-crop';
export { augmentInto, drawAugmentation, type Augmentation } from './augment';
export { drawRandomSquare, prepareSquare, type RandomSquare } from './random-square';
export { normalizeImage, unnormalizeImage } from './normalize';
export { prepareTestImage, prepareTestLabels, prepareTestMasks } from './prepare-test';
export { Canvas, captionHeight, captionWidth, type Rgb } from './canvas';
export { drawCells, type Cell, type CellGrid } from './cell-grid';
export { heatMap } from './heat-map';
export { slotColor } from './palette';
