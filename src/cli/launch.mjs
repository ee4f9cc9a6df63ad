#!/usr/bin/env node
// What npm links as `osc`: a clone that was not built has no dist/, and is told what makes it. Not built itself.
import { existsSync } from 'node:fs';

const built = new URL('../../dist/cli/bin.js', import.meta.url);
if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write('Error: This clone of osc is not built: there is no dist/ folder.\n  Try: npm ci\n');
  process.exitCode = 2;
}
