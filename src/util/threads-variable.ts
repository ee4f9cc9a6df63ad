/** Environment variable with the number of threads of a process whose config leaves `engine.threads` open. */
export const THREADS_VARIABLE = 'OSC_THREADS';
