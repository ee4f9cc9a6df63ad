/** Runs the harness on the fixtures beside the checkout, where they are (they are in CI), and on those of train5/. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chooseEngine } from '../../src/engine';
import { Registry } from '../../src/registry';
import type { Context } from './adapter';
import { Fixture } from './fixture';
import { describe as lineOf, fixtureFiles, runFixture } from './run';

const FOLDER = join(__dirname, '../../../shared/parity/fixtures');
const files = [...(existsSync(FOLDER) ? fixtureFiles(FOLDER) : []), ...fixtureFiles(join(__dirname, 'train5'))];
const fixtures = files.map((file) => Fixture.read(file)!);

describe.each(['native', 'wasm', 'cpu'])('fixtures on %s', (engine) => {
  let context: Context;

  beforeAll(async () => {
    await chooseEngine(engine).prepare();
    context = { registry: await Registry.open({ plugins: [], from: __dirname }) };
  });

  if (!existsSync(FOLDER)) it.skip(`there is no ${FOLDER}`, () => undefined);
  for (const fixture of fixtures) {
    it(fixture.name, async () => {
      const outcome = await runFixture(fixture, context);
      if (outcome.status !== 'passed') throw new Error(lineOf(outcome));
    });
  }
});
