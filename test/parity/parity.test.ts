/** Runs the harness on the fixtures beside the checkout, where they are (they are in CI). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chooseEngine } from '../../src/engine';
import { Registry } from '../../src/registry';
import type { Context } from './adapter';
import { builtinCatalog } from './builtin-catalog';
import { Fixture } from './fixture';
import { describe as lineOf, fixtureFiles, reasonToSkip, runFixture } from './run';

const FOLDER = join(__dirname, '../../../shared/parity/fixtures');
const fixtures = existsSync(FOLDER) ? fixtureFiles(FOLDER).map((file) => Fixture.read(file)!) : [];

const reasons = new Map(fixtures.map((fixture) => [fixture.name, reasonToSkip(fixture, builtinCatalog())]));

describe.each(['native', 'wasm', 'cpu'])('fixtures on %s', (engine) => {
  let context: Context;

  beforeAll(async () => {
    await chooseEngine(engine).prepare();
    context = { registry: await Registry.open({ plugins: [], from: __dirname }) };
  });

  if (fixtures.length === 0) it.skip(`there is no ${FOLDER}`, () => undefined);
  for (const fixture of fixtures) {
    const reason = reasons.get(fixture.name);
    if (reason !== null) {
      it.skip(`${fixture.name}: ${reason}`, () => undefined);
      continue;
    }
    it(fixture.name, async () => {
      const outcome = await runFixture(fixture, context);
      if (outcome.status !== 'passed') throw new Error(lineOf(outcome));
    });
  }

  it('skips only what the registry does not have', () => {
    for (const fixture of fixtures) expect(reasonToSkip(fixture, context)).toBe(reasons.get(fixture.name));
  });
});
