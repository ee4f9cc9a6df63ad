/** What osc itself needs of this room and no plugin does. */
export { inferLayout } from './record-layout';
export { sampleOf } from './sample';
export { compressionOf } from './tfrecord-reader';
export { frameRecord } from './tfrecord-writer';
