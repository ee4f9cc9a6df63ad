import { compileFolder, run } from './typescript-tests.mjs';

compileFolder('bench/step'); // before the children start, whose memory is measured
run('bench/step/main.ts');
