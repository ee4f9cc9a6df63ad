#!/usr/bin/env node
import { run, settings } from '@oclif/core';
import { handleError, quietOnClosedPipe } from './handle-error';

// Only what is built is run: without this oclif looks for TypeScript sources when NODE_ENV is development or test.
settings.enableAutoTranspile = false;
quietOnClosedPipe(process.stdout);
quietOnClosedPipe(process.stderr);

// `osc help train` is what many try first
const [first, ...rest] = process.argv.slice(2);
const argv = first === 'help' ? [...rest, '--help'] : process.argv.slice(2);
run(argv, __filename).catch(handleError);
