/** What a fixture holds and its adapter does not know: an option that is not heeded must not pass for one that is. */
import type { Known } from './adapter';
import type { Fixture } from './fixture';

type Names = readonly (string | RegExp)[];

const isIn = (names: Names, name: string): boolean =>
  names.some((known) => (typeof known === 'string' ? known === name : known.test(name)));

/** What every adapter does: fixtures are of passes without dropout and drop path, and only `SelfAttention` has biases. */
const isDone = (key: string, value: unknown): boolean =>
  (value === 0 && /drop/.test(key)) || (value === false && key === 'qkv_bias');

type Node = Readonly<Record<string, unknown>>;

function* optionsUnknown(known: readonly string[], node: Node, path = ''): Generator<string> {
  for (const [key, value] of Object.entries(node)) {
    const place = path + key;
    if (known.includes(place) || isDone(key, value)) continue;
    const hasKnownParts = known.some((name) => name.startsWith(`${place}.`));
    if (hasKnownParts && value === null) continue;
    if (hasKnownParts && typeof value === 'object') yield* optionsUnknown(known, value as Node, `${place}.`);
    else yield `config.${place} (${JSON.stringify(value)})`;
  }
}

/** Options and tensors, by their places in the fixture. */
export function unknownTo({ config, tensors }: Known, fixture: Fixture): string[] {
  const names = [...fixture.tensors.keys()].filter((name) => !isIn(tensors, name));
  return [...optionsUnknown(config, fixture.config), ...names];
}

/** What is neither compared nor of the recording itself: scalars, and members of the file. */
export function notComparedBy({ scalars = [] }: Known, fixture: Fixture): string[] {
  const names = Object.keys(fixture.scalars).filter((name) => !isIn(scalars, name));
  return [...names.map((name) => `scalars.${name}`), ...fixture.otherMembers];
}
