/** Files of records: TFRecord, `tf.train.Example`, serialized tensors, and the published multi-object layouts. */
export { maskedCrc32c } from './crc32c';
export { FormatError, type RecordPlace, brokenRecord, decodingRecord } from './broken-record';
export type { Compression } from './byte-source';
export { type ReadOptions, compressionOf, countRecords, readRecords } from './tfrecord-reader';
export { type WriteOptions, RecordWriter, frameRecord } from './tfrecord-writer';
export { AtomicFile, writeFileAtomically } from './atomic-file';
export { Feature, type FeatureValue, encodeExample, parseExample } from './example';
export { type Uint8Tensor, parseTensor, serializeTensor } from './tensor-proto';
export {
  type DecodedFields,
  type FieldSpec,
  type FieldType,
  type FieldValues,
  decodeFields,
  decodeRecord,
} from './fields';
export { OBJECTS_ROOM_BACKGROUND, decodeSample, inferFields, inferNumBackground, sampleOf } from './sample';
export * from './clevr';
export { MULTI_OBJECT_BUCKET, type PublishedFiles, downloadCommand, requirePublishedFiles } from './published-files';
export { type RecordRange, SplitFile, type SplitFileOptions, splitFileOptions, splitRanges } from './split-file';
export * from './clevr-questions';
export { expandHome } from './expand-home';
export { keepRecordCount, knownRecordCount, recordCount } from './record-count';
