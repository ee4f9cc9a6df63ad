/** What has to be closed, given back or freed, whatever happens; the last thing opened goes first. */
export class CleanUp {
  readonly #actions: (() => void | Promise<void>)[] = [];

  add(action: () => void | Promise<void>): void {
    this.#actions.push(action);
  }

  async run(): Promise<void> {
    for (const action of this.#actions.reverse()) await action();
  }
}
