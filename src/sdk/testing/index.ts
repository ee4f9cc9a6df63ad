/**
 * `osc-trainer/sdk/testing`: contract tests for authors of components. They run under jest, vitest or mocha (with global
 * `describe` and `it`), or with those of node:test handed in.
 */
export { testComponent, type ComponentTest } from './test-component';
export { testOptions, type OptionCases } from './test-options';
export { createForTest, testDimensions, type TestSetup } from './create-for-test';
export { lossInputs } from './loss-inputs';
export type { Runner } from './runner';
