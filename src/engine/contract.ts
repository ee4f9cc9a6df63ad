/** An engine is a tfjs backend and how to prepare it (DESIGN 7). Model and plugins never ask which one runs. */

/** What runs, for the log and `environment.json`. */
export interface EngineInfo {
  readonly name: string;
  readonly threads: number;
  /** The device in words. */
  readonly device: string;
}

export interface Engine {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Loads the backend and makes it tfjs's current one. */
  prepare(): Promise<EngineInfo>;
}
