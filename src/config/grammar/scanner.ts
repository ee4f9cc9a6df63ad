import { UsageError } from '../../sdk/errors';
import { shortenText } from '../../util/text';

/** Far above what people write; a command line can hold more. */
const MAX_CHARACTERS = 50_000;
const MAX_DEPTH = 32;
/** To each side of the place that a message points at. */
const SHOWN = 60;

/** Walks over the text of one override and points at the place where it cannot be read. */
export class Scanner {
  position = 0;

  #depth = 0;

  constructor(readonly text: string) {
    if (text.length > MAX_CHARACTERS) {
      this.fail(`it has ${text.length} characters, and at most ${MAX_CHARACTERS} are allowed`, [], 0);
    }
  }

  /** Reads what stands in a list, map or function. */
  inside<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) this.fail(`it is nested too deeply: at most ${MAX_DEPTH} levels are allowed`);
    const found = read();
    this.#depth--;
    return found;
  }

  get done(): boolean {
    return this.position >= this.text.length;
  }

  peek(): string {
    return this.text[this.position] ?? '';
  }

  rest(): string {
    return this.text.slice(this.position);
  }

  /** Takes `literal` if the text goes on with it. */
  take(literal: string): boolean {
    if (!this.text.startsWith(literal, this.position)) return false;
    this.position += literal.length;
    return true;
  }

  /** Takes what the sticky pattern matches here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }

  skipSpace(): void {
    this.match(/[ \t]*/y);
  }

  expect(literal: string, where: string): void {
    if (!this.take(literal)) this.fail(`expected "${literal}" ${where}, ${this.found()}`);
  }

  /** What is here, for a message. */
  found(): string {
    return this.done ? 'but the text ends' : `but found "${this.peek()}"`;
  }

  fail(problem: string, hints: string[] = [], at = this.position): never {
    // control characters would break the line the caret points into
    const line = this.text.replace(/[\n\r\t]/g, ' ');
    const from = line.length > 4 * SHOWN ? Math.max(0, at - SHOWN) : 0;
    const to = line.length > 4 * SHOWN ? at + SHOWN : line.length;
    const before = from > 0 ? '…' : '';
    const shown = `${before}${line.slice(from, to)}${to < line.length ? '…' : ''}`;
    throw new UsageError(
      `The override "${shortenText(this.text, 4 * SHOWN)}" cannot be read: ${shortenText(problem, 4 * SHOWN)}.\n  ${shown}\n  ${' '.repeat(before.length + at - from)}^`,
      undefined,
      hints.filter((hint) => hint.length <= 5 * SHOWN), // half a hint is of no use
    );
  }
}
