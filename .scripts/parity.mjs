import { run } from './typescript-tests.mjs';

run('parity/main.ts');
