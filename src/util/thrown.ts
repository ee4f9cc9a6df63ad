/** What code of others throws may be anything: null, or an object whose getters throw. */

/** The message of what was thrown, or the thing itself as text. Throws nothing. */
export function messageOf(thrown: unknown): string {
  return readText(thrown, 'message') ?? asText(thrown);
}

/** The stack of what was thrown, or its message. Throws nothing. */
export function stackOf(thrown: unknown): string {
  return readText(thrown, 'stack') ?? messageOf(thrown);
}

function readText(thrown: unknown, key: 'message' | 'stack'): string | undefined {
  try {
    const text = (thrown as Partial<Error> | null | undefined)?.[key];
    return typeof text === 'string' && text !== '' ? text : undefined;
  } catch {
    return undefined;
  }
}

function asText(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return `something of type ${typeof thrown} that cannot be written as text`;
  }
}
