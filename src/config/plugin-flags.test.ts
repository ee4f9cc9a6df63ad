import { splitPluginFlags } from '.';

it.each(['./x', '../x', '/abs/x', '~/x', '.', 'a/b', '@scope/osc-plugin-x', 'osc-plugin-x'])(
  '%s is a package',
  (value) => {
    expect(splitPluginFlags([value])).toEqual({ packages: [value], selections: [] });
  },
);

it.each(['sample', 'kmeans_euclidean', 'slot-attention', 'model.obj_queries=learned', 'model/obj_queries=learned'])(
  '%s chooses a component',
  (value) => expect(splitPluginFlags([value])).toEqual({ packages: [], selections: [value] }),
);
