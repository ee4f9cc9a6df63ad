/** What jobs have in common: where they work, what they are given, whom they tell. */
import type { Progress } from '../sdk/logger';

export interface ProjectInput {
  /** Folder whose config file counts, and that paths are relative to; default: the working directory of the process. */
  readonly cwd?: string | undefined;
  /** Components to choose (`NAME` or `KEY=NAME`) and packages to load (name or path), as behind `--plugin`. */
  readonly plugins?: readonly string[] | undefined;
  /** Changes of the config, as on the command line: `['+exp=demo', 'training.num_epochs=2']`. */
  readonly overrides?: readonly string[] | undefined;
}

/** Who hears of the work. Without it nothing is said. */
export interface Reporting {
  /** Called with every line of the log. */
  readonly onLog?: ((line: string) => void) | undefined;
  /** How far the work is. */
  readonly progress?: Progress | undefined;
}

/** Work that can be stopped. */
export interface Stoppable {
  /** Aborted: the work stops, and what was half made is taken away. */
  readonly signal?: AbortSignal | undefined;
}
