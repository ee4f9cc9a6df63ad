#!/usr/bin/env node
import { run } from '@oclif/core';
import { handleError } from './handle-error';

run(process.argv.slice(2), __filename).catch(handleError);
