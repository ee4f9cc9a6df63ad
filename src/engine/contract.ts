/** An engine is a tfjs backend and how to prepare it. Model and plugins never ask which one runs. */

/** What runs, for the log and `environment.json`. */
export interface EngineInfo {
  readonly name: string;
  readonly threads: number;
  /** The device in words. */
  readonly device: string;
  /** Where `auto` chose it: why this one, and how to get a faster one; sentences. */
  readonly why?: string;
}

export interface EngineOptions {
  /** Null or left out: one a core. An engine that cannot have that many says in its {@link EngineInfo} what it has. */
  readonly threads?: number | null;
}

/** What this machine has of what an engine needs, in words for people. */
export interface Detection {
  /** `prepare` is expected to work. */
  readonly usable: boolean;
  /** What is there, or is not: a phrase without a full stop. */
  readonly found: string;
  /** What the engine needs besides Node and osc, whether found or not: a phrase. Left out: nothing. */
  readonly needs?: string;
  /**
   * How to get this engine, or more out of it: a whole sentence, with the command. Only where it would be worth the
   * user's while on this machine: `auto` repeats it at the start of training when it passes over the engine.
   */
  readonly improve?: string;
  /** It is usable, but `auto` passes it over: why. A phrase. */
  readonly notForAuto?: string;
}

export interface Engine {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Looks, without loading a backend; never throws. Quick: `osc doctor` and `auto` ask every engine. */
  detect(): Promise<Detection>;
  /** Loads the backend and makes it tfjs's current one. */
  prepare(options?: EngineOptions): Promise<EngineInfo>;
}
