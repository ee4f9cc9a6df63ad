/** Where a working tree of git stands. It is asked so that it runs nothing: a repository may come from elsewhere. */
import { execFileSync } from 'node:child_process';

export interface GitState {
  readonly commit: string;
  /** Files differ from the commit, or are not in it. */
  readonly dirty: boolean;
}

/** Programs that a repository's own config could have `git status` start: a file monitor, and hooks. */
const RUN_NOTHING = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];

/** Null outside a repository, and without git. */
export function gitState(cwd: string): GitState | null {
  const commit = git(cwd, ['rev-parse', 'HEAD']);
  if (commit === null) return null;
  const status = git(cwd, [...withoutFilters(cwd), 'status', '--porcelain', '--ignore-submodules=all']);
  return { commit, dirty: status !== '' };
}

/** Filters that the repository's own config defines (those of the user's, such as Git LFS, stay) would run on changed files. */
function withoutFilters(cwd: string): string[] {
  const names = git(cwd, ['config', '--local', '--includes', '--name-only', '--get-regexp', '^filter\\.']) ?? '';
  const drivers = new Set(names.split('\n').flatMap((name) => /^(filter\..+)\.[^.]+$/.exec(name)?.[1] ?? []));
  return [...drivers].flatMap((driver) => [
    ...['-c', `${driver}.clean=`, '-c', `${driver}.process=`],
    ...['-c', `${driver}.required=false`],
  ]);
}

function git(cwd: string, args: readonly string[]): string | null {
  try {
    return execFileSync('git', [...RUN_NOTHING, ...args], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' },
    }).trim();
  } catch {
    return null; // no git, or not in a repository
  }
}
