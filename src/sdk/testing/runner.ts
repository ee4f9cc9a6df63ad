/** The test runner: jest, vitest with globals, mocha, or `describe` and `it` of node:test handed in. */
export interface Runner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

/** The runner in use. @throws Error where there is none */
export function runnerOr(given?: Runner): Runner {
  const { describe, it } = given ?? (globalThis as Partial<Runner>);
  if (typeof describe !== 'function' || typeof it !== 'function') {
    throw new Error(
      'There is no test runner: run this under jest or vitest (with globals), or hand in { runner: { describe, it } }.',
    );
  }
  return { describe, it };
}
