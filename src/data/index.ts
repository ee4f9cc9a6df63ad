/** The pipeline around a data set: order, workers, augmentation, batches; and prepared test samples. */
export { openBatches, type OpenBatchesOptions } from './open-batches';
export type { BatchSource, ImageBatch } from './batch-source';
export { loadTestSamples, testSamples, type TestSamplesOptions } from './test-samples';
export { measureNormalization, type MeasureOptions } from './measure-normalization';
export { type DatasetNode, type DatasetRegistry, type OnBadRecord, createDataset, prepareDataset } from './dataset';
export { datasetsThatCan, onlyDatasetThatCan, recordLayouts, type DatasetAbility } from './find-datasets';
export type { CropSettings } from './crop-maker';
