import { UsageError } from '../../sdk/errors';

/** Walks over the text of one override and points at the place where it cannot be read. */
export class Scanner {
  position = 0;

  constructor(readonly text: string) {}

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
    const shown = this.text.replace(/[\n\r\t]/g, ' ');
    throw new UsageError(
      `The override "${this.text}" cannot be read: ${problem}.\n  ${shown}\n  ${' '.repeat(at)}^`,
      undefined,
      hints,
    );
  }
}
