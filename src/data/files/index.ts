/** Files of data sets, given by their paths: what is in them, splitting, generating, reading a sample. */
export { type PrepareDatasetOptions, prepareDatasetFiles } from './prepare';
export { type FieldDescription, type FileDescription, describeFile, findRecordFiles } from './describe';
export { readSample } from './read-sample';
export { type SynthesizeOptions, type SynthesizedFile, synthesizeFile } from './synthesize';
