/** What a reader makes of bytes: a value, or an error made for people that says which file it is about. Anything else is a failure. */
import { createRequire } from 'node:module';

const { isReportedError } = createRequire(import.meta.url)('../../dist/sdk/errors.js');

const MOST_CHARACTERS = 4000;
/** What Node says where code did not look what it was given. */
const WORDS_OF_BUGS =
  /Cannot (?:read|set|destructure|convert|mix)|is not (?:a function|iterable|a constructor|defined)|Invalid (?:array|string|typed array) length|\[object Object\]|Maximum call stack|Invalid regular|(?<!received )\bundefined\b/;

/** The folder of an input, however it is shown. */
const PLACE = /[^\s"'(]*\/at-\w{6}/g;

/** A broken promise of a reader, other than an error that is none: what it read is not what was there. */
export class Broken extends Error {}

/**
 * @param target of targets/index.mjs
 * @param place `folder`, an empty one, and `file` in it
 * @returns `verdict` value, UsageError, RunError or failure; `text` of the error, or why it is a failure
 */
export async function judge(target, bytes, place) {
  try {
    await target.read(bytes, place);
    return { verdict: 'value' };
  } catch (error) {
    if (!isReportedError(error)) return { verdict: 'failure', text: String(error?.stack ?? error) };
    const { message, hints, name } = error;
    const fail = (why) => ({ verdict: 'failure', text: `${why}: ${name}: ${message.slice(0, 500)}` });
    if (message.length + hints.join('').length > (target.characters ?? MOST_CHARACTERS))
      return fail(`its message has ${message.length} characters`);
    if (!target.names(message, place)) return fail('its message does not say where');
    if (WORDS_OF_BUGS.test(message.replaceAll(/"[^"]*"|'[^']*'/g, '')))
      return fail('its message has the words of a bug');
    return { verdict: name, text: message.replaceAll(PLACE, '.') };
  }
}
