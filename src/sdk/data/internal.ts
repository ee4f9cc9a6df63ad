/** What osc itself needs of this room and no plugin does. */
export { inferFields, inferNumBackground, sampleOf } from './sample';
export { compressionOf } from './tfrecord-reader';
export { frameRecord } from './tfrecord-writer';
