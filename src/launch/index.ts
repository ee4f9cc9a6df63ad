/** Sweeps: what the choices of a command line come to. */
export { REFERENCE_SWEEP } from './reference-sweep';
export { readSpace, type SweepJob, SweepSpace } from './space';
