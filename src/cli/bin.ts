#!/usr/bin/env node
import './first-signals';
import './first-home';
import { run, settings } from '@oclif/core';
import { handleError, handleErrorNow } from './handle-error';
import { guardOutput, lostPrint } from './output';
import { commandFinished, watchProcessEnd } from './process-end';
import { checkWorkingDirectory } from './working-directory';

// Only what is built is run: without this oclif looks for TypeScript sources when NODE_ENV is development or test.
settings.enableAutoTranspile = false;
guardOutput(process.stdout, true, handleError);
guardOutput(process.stderr, false, handleError);
watchProcessEnd(handleError, handleErrorNow);

async function main(): Promise<void> {
  checkWorkingDirectory();
  // `osc help train` is what many try first
  const [first, ...rest] = process.argv.slice(2);
  await run(first === 'help' ? [...rest, '--help'] : process.argv.slice(2), __filename);
  await new Promise((resolve) => setImmediate(resolve)); // a stream tells of a failed write a moment later
  const lost = lostPrint();
  if (lost !== undefined) throw lost;
  commandFinished();
}

main().catch(handleError);
