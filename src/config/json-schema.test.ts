import { BUILTINS, FakeCatalog } from './fake-catalog.fixture';
import { configFileSchema, groupFolders } from '.';

type Json = { [key: string]: Json } & Json[];

it('knows sections, groups, components by name and alias, and their options', async () => {
  const folders = groupFolders({ path: null, from: '/', plugins: [], configDirs: [], layers: [] });
  const schema = (await configFileSchema(new FakeCatalog(BUILTINS), folders)) as Json;
  const properties = schema['properties']!;
  expect(properties['training']!['properties']!['batch_size']).toMatchObject({ type: 'integer', default: 64 });
  expect(properties['defaults']!['properties']!['model/obj_fn']).toEqual({
    enum: ['co_attention', 'cross_attention', 'slot_attention', null],
  });
  const [names, vit] = properties['model']!['properties']!['backbone']!['anyOf']!;
  expect(names).toEqual({ enum: ['vit'] });
  expect(vit!['properties']!['num_layers']).toMatchObject({ default: 4, description: 'layers' });
  expect(vit!['properties']!['pos_embed']!['anyOf']![0]).toEqual({ enum: ['learned'] });
  expect(properties['model']!['properties']!['obj_fn']!['anyOf']).toContainEqual({ type: 'null' });
  expect(properties['optimizer']!['anyOf']![0]).toEqual({ enum: ['adam', 'adamw'] });
  expect(properties['logging']!['properties']!['trackers']).toMatchObject({ type: 'array' });
  const evaluators = properties['data']!['anyOf']!.find((option) => option['properties'])!['properties']!['test']!;
  expect(evaluators['properties']!['evaluators']!['items']!['anyOf']![1]!['properties']).toMatchObject({
    attention: { enum: ['first', 'last'] },
    optional: { type: 'boolean' },
  });
  expect(JSON.stringify(schema)).not.toContain('"required"');
});
