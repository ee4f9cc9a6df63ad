/** An engine is a tfjs backend and how to prepare it (DESIGN 7). Model and plugins never ask which one runs. */

/** What runs, for the log and `environment.json`. */
export interface EngineInfo {
  readonly name: string;
  readonly threads: number;
  /** The device in words. */
  readonly device: string;
}

export interface EngineOptions {
  /** Null or left out: one a core. An engine that cannot have that many says in its {@link EngineInfo} what it has. */
  readonly threads?: number | null;
}

export interface Engine {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Loads the backend and makes it tfjs's current one. */
  prepare(options?: EngineOptions): Promise<EngineInfo>;
}
