/** Runs the harness on the fixtures beside the checkout, where they are (they are in CI). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ComponentEntry, ComponentKind } from 'osc-trainer/sdk';
import { chooseEngine } from '../../src/engine';
import { Registry } from '../../src/registry';
import type { Catalog, Context } from './adapter';
import { Fixture } from './fixture';
import { describe as lineOf, fixtureFiles, reasonToSkip, runFixture } from './run';

const FOLDER = join(__dirname, '../../../shared/parity/fixtures');
const fixtures = existsSync(FOLDER) ? fixtureFiles(FOLDER).map((file) => Fixture.read(file)!) : [];

/** The built-in components by their manifests: tests are listed before a registry can be opened. */
function builtinCatalog(): Catalog {
  const plugins = join(__dirname, '../../plugins');
  const entries = readdirSync(plugins).flatMap((folder) => {
    const json = readFileSync(join(plugins, folder, 'package.json'), 'utf8');
    return (JSON.parse(json) as { oscPlugin: { components: ComponentEntry[] } }).oscPlugin.components;
  });
  const lookup = (kind: ComponentKind, name: string): ComponentEntry | undefined =>
    entries.find((entry) => entry.kind === kind && (entry.name === name || entry.aliases?.includes(name)));
  return { registry: { lookup } };
}

const reasons = new Map(fixtures.map((fixture) => [fixture.name, reasonToSkip(fixture, builtinCatalog())]));

describe.each(['tfjs-wasm', 'cpu'])('fixtures on %s', (engine) => {
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
