/** The steps of an installation that are complete, kept in a file, so that one that was killed goes on from there. */
import { existsSync, readFileSync } from 'node:fs';
import { writeFileAtomically } from '../../../util/durable-files';

type Done = readonly [name: string, key: string];

export class Steps {
  private readonly done: Done[];
  /** Steps of this session so far. */
  private count = 0;

  /** @param file a broken one counts as none */
  constructor(private readonly file: string) {
    this.done = read(file);
  }

  /**
   * Does a step, unless it was done before with the same key, as all before it were.
   *
   * @param key of what it depends on: versions, checksums
   */
  async run(name: string, key: string, action: () => Promise<void>): Promise<void> {
    const [doneName, doneKey] = this.done[this.count] ?? [];
    if (doneName !== name || doneKey !== key) {
      this.done.length = this.count;
      await this.save(); // what follows is no longer true as soon as the action begins
      await action();
      this.done.push([name, key]);
      await this.save();
    }
    this.count++;
  }

  private save(): Promise<void> {
    return writeFileAtomically(this.file, JSON.stringify(this.done));
  }
}

function read(file: string): Done[] {
  if (!existsSync(file)) return [];
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(json) ? (json as Done[]) : [];
  } catch {
    return [];
  }
}
