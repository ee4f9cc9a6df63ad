/**
 * `osc-trainer/sdk/data`: files of records: TFRecord, `tf.train.Example`, serialized tensors, and the published multi-object
 * layouts.
 */
export { FormatError, brokenRecord, decodingRecord, type RecordPlace } from './broken-record';
export type { Compression } from './byte-source';
export { readRecords, type ReadOptions } from './tfrecord-reader';
export { RecordWriter, type WriteOptions } from './tfrecord-writer';
export { encodeExample, parseExample, type Feature, type FeatureValue } from './example';
export { writeFileAtomically } from './atomic-file';
export { parseTensor, serializeTensor, type Uint8Tensor } from './tensor-proto';
export { decodeRecord, type DecodedFields, type FieldSpec, type FieldType, type FieldValues } from './fields';
export { decodeSample } from './sample';
export type { RecordLayout } from './record-layout';
export { encodeImageRecord, encodeSceneRecord } from './encode-record';
export { downloadCommand, requirePublishedFiles, type PublishedFiles } from './published-files';
export { SplitFileDataset, type PublishedFile } from './split-file-dataset';
export { SplitFile, splitFileOptions, type RecordRange, type SplitFileOptions } from './split-file';
export { categoryCodes, ObjectQuestions, type AskedSample } from './object-questions';
export { cacheHome, expandHome } from '../../util/home';
export { keepRecordCount, recordCount } from './record-count';
