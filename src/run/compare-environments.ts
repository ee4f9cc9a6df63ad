/** What differs between the environments of two runs, as far as it can change what is computed. */
import type { RunSession } from './environment';

export interface EnvironmentDifference {
  /** `osc`, `Node`, `engine`, `plugin NAME` … */
  readonly what: string;
  /** `-`: there is none. Of a run of several sessions that differ all are named. */
  readonly original: string;
  readonly replay: string;
}

const VERSIONS: Readonly<Record<string, string>> = { osc: 'osc', node: 'Node', tfjs: 'TensorFlow.js' };

const NONE = '-';

export function compareEnvironments(
  original: readonly RunSession[],
  replay: readonly RunSession[],
): EnvironmentDifference[] {
  const [a, b] = [original.map(factsOf), replay.map(factsOf)];
  const names = new Set([...a, ...b].flatMap((facts) => Object.keys(facts)));
  const valuesOf = (sessions: readonly Record<string, string>[], name: string): string =>
    [...new Set(sessions.map((facts) => facts[name] ?? NONE))].join(', then ');
  return [...names]
    .map((what) => ({ what, original: valuesOf(a, what), replay: valuesOf(b, what) }))
    .filter((difference) => difference.original !== difference.replay);
}

function factsOf({ versions, oscGit, git, engine, machine, plugins }: RunSession): Record<string, string> {
  return {
    ...Object.fromEntries(Object.entries(versions).map(([name, version]) => [VERSIONS[name] ?? name, version])),
    'commit of osc': describeCommit(oscGit),
    engine: engine.name,
    device: engine.device, // with the instruction set
    processor: machine.cpu,
    platform: machine.platform,
    ...Object.fromEntries(plugins.map(({ name, version }) => [`plugin ${name}`, version])),
    'commit of the project': describeCommit(git),
  };
}

function describeCommit(git: RunSession['git']): string {
  return git === null ? NONE : `${git.commit.slice(0, 12)}${git.dirty ? ' with changes' : ''}`;
}
