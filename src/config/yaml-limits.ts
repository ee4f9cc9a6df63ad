/** How much YAML there may be, asked before it is parsed: the parser takes minutes for half a megabyte of commas. */
import { Lexer } from 'yaml';

const MAX_TOKENS = 20_000;
/** As `[[[…`, or as `- - - …` in one line. */
const MAX_OPEN = 64;

/** What is too much of a text, as a sentence; undefined where nothing is. */
export function tooMuchYaml(text: string): string | undefined {
  let tokens = 0;
  let brackets = 0;
  let indicators = 0;
  for (const token of new Lexer().lex(text)) {
    if (++tokens > MAX_TOKENS) return `It has more than ${MAX_TOKENS} words and signs.`;
    if (token === '[' || token === '{') brackets++;
    else if (token === ']' || token === '}') brackets--;
    else if (token === '-' || token === '?' || token === ':') indicators++;
    else if (token === '\n') indicators = 0;
    if (brackets > MAX_OPEN || (brackets === 0 && indicators > MAX_OPEN)) {
      return `It is nested too deeply: a config has at most ${MAX_OPEN} levels.`;
    }
  }
  return undefined;
}
