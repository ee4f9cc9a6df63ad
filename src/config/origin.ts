/** Where a value of the config comes from. */
import { homedir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { shortenText } from '../util/text';

export type Origin =
  /** A YAML file of a group, or the primary config. */
  | { readonly kind: 'group'; readonly file: string; readonly line?: number }
  /** The project's config file, or one that it extends. */
  | { readonly kind: 'file'; readonly file: string; readonly line?: number }
  /** `--plugin …` */
  | { readonly kind: 'flag'; readonly text: string }
  /** An override of the command line. */
  | { readonly kind: 'override'; readonly text: string }
  /** Set by `other.debug=true`. */
  | { readonly kind: 'debug' }
  /** The default of a schema; `of` says whose, where it is a component's. */
  | { readonly kind: 'default'; readonly of?: string };

/** The folder of the groups that come with osc. */
export const BUILTIN_CONFIGS = join(__dirname, '..', '..', 'configs');

const SHOWN = 200;

/** The place in words, e.g. `osc.config.yaml:7` or `the override "a=1"`. */
export function describeOrigin(origin: Origin, cwd = process.cwd()): string {
  switch (origin.kind) {
    case 'group':
    case 'file':
      return `${displayPath(origin.file, cwd)}${origin.line === undefined ? '' : `:${origin.line}`}`;
    case 'flag':
      return `the flag ${shownText(origin.text)}`;
    case 'override':
      return `the override ${shownText(origin.text)}`;
    case 'debug':
      return 'other.debug=true';
    case 'default':
      return origin.of === undefined ? 'default' : `default of ${origin.of}`;
  }
}

/** An override or a flag as messages show it: one may have a hundred thousand characters. */
export function shownText(text: string): string {
  return `"${shortenText(text, SHOWN)}"`;
}

/** A path as people like to read it: the built-in groups as `osc-trainer/configs/…`, others from `cwd` or home. */
export function displayPath(file: string, cwd = process.cwd()): string {
  const builtin = relative(BUILTIN_CONFIGS, file);
  if (isInside(builtin)) return `osc-trainer/configs/${builtin}`;
  const fromCwd = relative(cwd, file);
  if (isInside(fromCwd)) return fromCwd;
  const fromHome = relative(homedir(), file);
  return isInside(fromHome) ? `~/${fromHome}` : file;
}

function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('..') && !isAbsolute(path);
}
