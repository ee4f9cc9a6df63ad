/** Exported weights have the names and shapes of the reference's `state_dict()`: those of the fixtures. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors } from 'osc-trainer/sdk';
import { chooseEngine } from '../../src/engine';
import { readStateDict } from '../../src/model';
import { Registry } from '../../src/registry';
import type { Context } from './adapter';
import { modelOf, type ModelFixture } from './components/build';
import { randomOfQueries } from './components/recorded-draws';
import { Fixture } from './fixture';
import { fixtureFiles } from './run';

const FOLDER = join(__dirname, '../../../shared/parity/fixtures');
const fixtures = (existsSync(FOLDER) ? fixtureFiles(FOLDER) : [])
  .filter((file) => /\/model_[^/]*$/.test(file))
  .map((file) => Fixture.read(file)!);

let context: Context;
beforeAll(async () => {
  await chooseEngine('cpu').prepare();
  context = { registry: await Registry.open({ plugins: [], from: __dirname }) };
});

const configOf = (fixture: Fixture): ModelFixture => fixture.config as unknown as ModelFixture;

if (fixtures.length === 0) it.skip(`there is no ${FOLDER}`, () => undefined);
else {
  test.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', async (_, fixture) => {
    const model = await modelOf(configOf(fixture), context, randomOfQueries(fixture));
    const recorded = fixture.group('weights');
    model.loadWeights(
      new Map(Array.from(recorded, ([name, { shape, values }]) => [name, { shape, data: values }])),
      fixture.name,
    );
    const file = decodeSafetensors(encodeSafetensors(readStateDict(model), { format: 'pt' }), 'file');
    expect([...file.keys()].sort()).toEqual([...recorded.keys()].sort());
    for (const [name, { shape, values }] of recorded) {
      expect({ name, ...file.get(name)! }).toEqual({ name, shape, data: values });
    }
    model.dispose();
  });

  test('positions that the obj_fn shares are there twice: state_dict() does not leave out a shared parameter', async () => {
    const fixture = fixtures.find(({ name }) => name.includes('learned_slot'))!;
    const config = configOf(fixture);
    const shared = { ...config, model: { ...config.model, obj_fn: { ...config.model.obj_fn, pos_embed: 'backbone' } } };
    const model = await modelOf(shared, context, randomOfQueries(fixture));
    const recorded = [...fixture.group('weights').keys()];
    expect([...readStateDict(model).keys()].sort()).toEqual([...recorded, 'obj_fn.pos_embed.embed'].sort());
    model.dispose();
  });
}
