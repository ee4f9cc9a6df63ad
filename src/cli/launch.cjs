#!/usr/bin/env node
// What npm links as `osc`: a clone that was not built has no dist/, and is told what makes it. Plain CommonJS, as nothing is built yet.
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const built = join(__dirname, '../../dist/cli/bin.js');
if (existsSync(built)) {
  require(built);
} else {
  process.stderr.write('Error: This clone of osc is not built: there is no dist/ folder.\n  Try: npm ci\n');
  process.exitCode = 2;
}
