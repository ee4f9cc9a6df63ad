/** `npm run parity -- FOLDER [--engine NAME]`: exit code 1 when a fixture fails, 2 when nothing could be run. */
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { AUTO, chooseEngine } from '../../src/engine';
import { Registry } from '../../src/registry';
import type { Context } from './adapter';
import { Fixture } from './fixture';
import { describe, fixtureFiles, runFixture, type Outcome } from './run';

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { engine: { type: 'string', default: AUTO } },
  });
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) {
    console.error('Usage: npm run parity -- FOLDER [--engine NAME]');
    return 2;
  }
  const files = fixtureFiles(folder);
  if (files.length === 0) {
    console.error(`There are no *.json files in ${folder}.`);
    return 2;
  }
  await chooseEngine(values.engine).prepare();
  const context = { registry: await Registry.open({ plugins: [], from: process.cwd() }) };
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    const outcome = await readAndRun(file, context);
    counts[outcome.status]++;
    console.log(describe(outcome));
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  if (counts.failed > 0) return 1;
  return counts.passed > 0 ? 0 : 2;
}

async function readAndRun(file: string, context: Context): Promise<Outcome> {
  const name = basename(file, '.json');
  try {
    const fixture = Fixture.read(file);
    if (fixture === null) return { status: 'skipped', name, message: 'it is no fixture: it has no name and component' };
    return await runFixture(fixture, context);
  } catch (error) {
    return { status: 'failed', name, message: error instanceof Error ? error.message : String(error) };
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  },
);
