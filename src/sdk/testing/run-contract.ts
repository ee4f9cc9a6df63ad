import type { Runner } from './runner';

/** Runs what a contract registers and returns the message of every failure by test name: to test the tests. */
export async function failuresOf(register: (runner: Runner) => void): Promise<Record<string, string>> {
  const tests: { name: string; body: () => Promise<void> }[] = [];
  const path: string[] = [];
  register({
    describe(name, body) {
      path.push(name);
      body();
      path.pop();
    },
    it: (name, body) => void tests.push({ name: [...path.slice(1), name].join(' › '), body }),
  });
  const failures: Record<string, string> = {};
  for (const { name, body } of tests) {
    try {
      await body();
    } catch (error) {
      failures[name] = (error as Error).message;
    }
  }
  if (tests.length === 0) throw new Error('The contract registered no test.');
  return failures;
}
