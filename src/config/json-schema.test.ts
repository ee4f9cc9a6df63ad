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
  expect(vit!['properties']!['pos_embed']!['default']).toBe('learned');
  expect(evaluators['properties']!['vqa']).toMatchObject({
    properties: { num_epochs: { default: 10000 } },
    additionalProperties: false,
  });
  expect(properties['logging']!['properties']!['jsonl']!['properties']).toHaveProperty('file');
  const { l_objects: ownKey, ...others } = properties['losses']!['properties']!;
  expect(Object.keys(others)).toEqual(['l_global']);
  expect(properties['losses']!['additionalProperties']!['anyOf']).toEqual(ownKey!['anyOf']);
  expect(ownKey!['anyOf']![0]).toEqual({ enum: ['ctr', 'sim', 'ctr_img', 'ctr_all', 'sim_img'] });
  expect(ownKey!['anyOf']![1]!['properties']!['weight']).toMatchObject({ default: 1, minimum: 0 });
  expect(JSON.stringify(schema)).not.toContain('"options"');
  expect(JSON.stringify(schema)).not.toContain('"required"');
});
