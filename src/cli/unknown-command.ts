import { UsageError } from '../sdk/errors';
import { nearNames, suggest } from '../util/near-names';

/**
 * The error for a command that does not exist.
 *
 * @param written its words, joined by `:` or a space
 * @param commands ids of all commands, e.g. `plugins:list`
 */
export function unknownCommand(written: string, commands: readonly string[]): UsageError {
  const words = written.split(/[: ]/);
  const known = commands.map((id) => id.replaceAll(':', ' '));
  const complete = known.find((id) => written.replaceAll(':', ' ').startsWith(`${id} `));
  if (complete !== undefined) {
    const rest = written.slice(complete.length + 1).replaceAll(':', ' ');
    return new UsageError(`"osc ${complete}" takes no arguments, and got "${rest}".`, undefined, [
      `osc ${complete} --help`,
    ]);
  }
  const inTopic = known.filter((id) => id.startsWith(`${words[0]} `));
  // the words after a mistyped command may be its arguments
  const candidates = inTopic.length > 0 ? [words.slice(0, 2).join(' ')] : [words.slice(0, 2).join(' '), words[0]!];
  const near =
    inTopic.length > 0
      ? nearNames(
          words[1] ?? '',
          inTopic.map((id) => id.slice(words[0]!.length + 1)),
        ).map((rest) => `${words[0]} ${rest}`)
      : (candidates.map((candidate) => nearNames(candidate, known)).find((names) => names.length > 0) ?? []);
  const why =
    suggest(near.map((id) => `"osc ${id}"`)) ??
    (inTopic.length > 0 ? `Those of that topic are ${inTopic.map((id) => `"osc ${id}"`).join(', ')}.` : undefined);
  return new UsageError(`There is no command "osc ${candidates[0]}".`, why, [
    inTopic.length > 0 ? `osc ${words[0]} --help` : 'osc --help',
  ]);
}
