export { type PrepareDatasetOptions, prepareDatasetFiles } from './prepare';
export { type FieldDescription, type FileDescription, describeFile, findRecordFiles } from './describe';
export { readSample } from './read-sample';
export { type SynthesizeOptions, type SynthesizedFile, synthesizeFile } from './synthesize';
