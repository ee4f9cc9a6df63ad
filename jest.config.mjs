/** @type {import('jest').Config} One run for the unit tests beside the code and for test/ (parity, e2e). e2e needs `npm run build` first. */
const config = {
  // need what does not come with osc: .ci/run installs it
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env.OSC_TEST_ENGINE === 'tensorflow' ? [] : ['<rootDir>/test/engine-tensorflow/']),
    ...(process.env.OSC_TEST_SLURM === '1' ? [] : ['<rootDir>/test/slurm/']),
  ],
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/plugins', '<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { sourceMaps: 'inline' }] },
  setupFiles: ['reflect-metadata'],
  moduleNameMapper: {
    '^osc-trainer/sdk$': '<rootDir>/src/sdk/index.ts',
    '^osc-trainer/sdk/([a-z]+)$': '<rootDir>/src/sdk/$1/index.ts',
    // the loader asks for a plugin's built main file; under jest that is its TypeScript source
    '^(.*/plugins/[^/]+)/index\\.js$': '$1/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  testTimeout: 60_000,
  maxWorkers: 2,
};

export default config;
