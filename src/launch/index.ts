/** Sweeps: what the choices of a command line come to, the sweep folder, the state of its jobs. */
export { REFERENCE_SWEEP } from './reference-sweep';
export { readSpace, type SweepJob, SweepSpace } from './space';
export {
  JOB_STATES,
  NEW_RECORD,
  readJobRecord,
  writeJobRecord,
  type JobProgress,
  type JobRecord,
  type JobState,
} from './job-record';
export { isLocked, lastLine, stateOfJob, tailOf } from './job-state';
export { readJobs, readSweepFile, writeJobs, writeSweepFile, type ListedJob, type SweepRequest } from './sweep-file';
export {
  checkSweepPath,
  findSweep,
  jobFiles,
  jobFolder,
  launcherFolder,
  listSweeps,
  makeSweepFolder,
  newSweepPath,
  SWEEP_LOCK,
  type JobFiles,
} from './sweep-folder';
