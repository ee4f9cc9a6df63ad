/** What jobs have in common: where they work, what they are given, whom they tell. */
import { isAbsolute, join } from 'node:path';
import type { Progress } from '../sdk/logger';
import { expandHome } from '../util/home';

export interface FolderInput {
  /** Folder whose config file counts, and that paths are relative to; default: the working directory of the process. */
  readonly cwd?: string | undefined;
}

export interface ProjectInput extends FolderInput {
  /** Components to choose (`NAME` or `KEY=NAME`) and packages to load (name or path), as behind `--plugin`. */
  readonly plugins?: readonly string[] | undefined;
  /** Changes of the config, as on the command line: `['+exp=demo', 'training.num_epochs=2']`. */
  readonly overrides?: readonly string[] | undefined;
  /** Called with each thing that is no mistake and should be known: an override given again, settings of Hydra left out. */
  readonly onNote?: ((text: string) => void) | undefined;
}

/** Of jobs on a model that was trained or imported. */
export interface TrainedInput extends ProjectInput {
  /** A run (its directory, its name, or `latest`), of which the newest checkpoint counts; or the folder of a checkpoint. */
  readonly model: string;
  /** Name of the callback whose weights are used, such as `ema`; default: the weights that were trained. */
  readonly weights?: string | undefined;
  /** Plugins that only the run names may be loaded: its folder comes from somebody who is trusted with code. */
  readonly trustPlugins?: boolean | undefined;
}

/** Who hears of the work. Without it nothing is said. */
export interface Reporting {
  /** Called with every line of the log. */
  readonly onLog?: ((line: string) => void) | undefined;
  /** How far the work is. */
  readonly progress?: Progress | undefined;
}

/** Of work that can be stopped. */
export interface Stoppable {
  /** Aborted: the job throws a RunError, and what was half made is taken away. */
  readonly signal?: AbortSignal | undefined;
}

/** The path of a file that was given: a leading `~` is the home folder; only where `cwd` is given is it made absolute. */
export function givenPath({ cwd }: FolderInput, path: string): string {
  const expanded = expandHome(path);
  return cwd === undefined || isAbsolute(expanded) ? expanded : join(cwd, expanded);
}
