/** The logger handed to components: winston's, cut down to what a component should use. */
export interface Logger {
  error(message: string, meta?: Record<string, unknown>): unknown;
  warn(message: string, meta?: Record<string, unknown>): unknown;
  info(message: string, meta?: Record<string, unknown>): unknown;
  debug(message: string, meta?: Record<string, unknown>): unknown;
}

/** Where long work tells how far it is. */
export interface Progress {
  /** Starts (or restarts) a task of `total` units; `unit` names them, e.g. `scenes`; `done` were done before. */
  start(label: string, total: number, unit: string, done?: number): void;
  /** `done` of `total` units are finished; `note` is shown behind, e.g. the current loss. */
  update(done: number, note?: string): void;
  stop(): void;
}

/** Says nothing. */
export const silentProgress: Progress = { start() {}, update() {}, stop() {} };
