/** Clustering, from recorded initial points. */
import type * as tf from '@tensorflow/tfjs-core';
import { l2Normalize } from 'osc-trainer/sdk/ops';
import type { Adapter } from '../adapter';
import { exact, relative, valuesLike, type Check } from '../compare';

const KMEANS_TOLERANCE = 1e-5;

interface KMeansFixture {
  num_clusters: number;
  max_iters: number;
  tol: number;
}

/** Clusterings of the reference, with NaN where its clusters are empty. */
const CLUSTERINGS = {
  torch_kmeans_euclidean: async () => {
    const { assignments, kMeansEuclidean } = await import('../../../plugins/kmeans-queries/index.js');
    return { prepare: (x: tf.Tensor3D) => x, assign: assignments, cluster: kMeansEuclidean };
  },
  torch_kmeans_cosine: async () => {
    const { cosineAssignments, kMeansCosine } = await import('../../../plugins/kmeans-queries/index.js');
    const cluster: typeof kMeansCosine = (x, initial, config) =>
      kMeansCosine(x, initial, { ...config, emptyClusters: 'nan' });
    return { prepare: l2Normalize<tf.Tensor3D>, assign: cosineAssignments, cluster };
  },
};

type Clustering = keyof typeof CLUSTERINGS;

const PLUGIN_OF: Readonly<Record<Clustering, string>> = {
  torch_kmeans_euclidean: 'kmeans_euclidean',
  torch_kmeans_cosine: 'kmeans_cosine',
};

export const kMeans: Adapter = {
  components: Object.keys(CLUSTERINGS),
  knows: {
    config: ['num_clusters', 'max_iters', 'tol'],
    tensors: [/^inputs\.(x|init_idx)$/, /^outputs\./],
    scalars: ['first_iteration_whose_result_equals_the_next'],
  },
  needs: ({ component }) => [{ kind: 'obj_queries', name: PLUGIN_OF[component as Clustering] }],
  async run(fixture, { registry }) {
    const component = fixture.component as Clustering;
    await registry.componentClass('obj_queries', PLUGIN_OF[component]); // its package can be imported from then on
    const { prepare, assign, cluster } = await CLUSTERINGS[component]();
    const config = fixture.config as unknown as KMeansFixture;
    const x = fixture.tensor<tf.Tensor3D>('inputs.x');
    if (config.num_clusters !== fixture.get('inputs.init_idx').shape.at(-1)) {
      throw new Error(`${config.num_clusters} clusters have not initial points of their number.`);
    }
    const initial = Int32Array.from(fixture.get('inputs.init_idx').values);
    const run = (maxIterations: number) => cluster(x, initial, { maxIterations, tolerance: config.tol });
    const checks: Check[] = [];
    const compare = (name: string, result: tf.Tensor3D) => {
      const recorded = fixture.get(name);
      checks.push(relative(name, valuesLike(name, result, recorded), recorded.values, KMEANS_TOLERANCE));
    };
    const centroids = run(config.max_iters);
    compare('outputs.centroids', centroids);
    // not recorded where it holds NaN
    if (fixture.has('outputs.centroids_after_1_iter')) compare('outputs.centroids_after_1_iter', run(1));
    const assigned = 'outputs.assignment_to_final_centroids';
    checks.push(exact(assigned, assign(prepare(x), centroids).dataSync(), fixture.get(assigned).values));
    return checks;
  },
};
