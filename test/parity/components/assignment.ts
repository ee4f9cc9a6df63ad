import { linearSumAssignment } from 'osc-trainer/sdk/metrics';
import type { Adapter } from '../adapter';
import { exact, relative } from '../compare';

export const assignment: Adapter = {
  components: [/^linear_sum_assignment\b/],
  knows: { config: ['shape'], tensors: ['inputs.score', /^outputs\.(rows|cols)$/], scalars: ['total'] },
  run(fixture) {
    const {
      shape: [numRows, numCols],
      values,
    } = fixture.get('inputs.score');
    const maximize = fixture.component.includes('maximize=True');
    const { rows, cols } = linearSumAssignment(values, numRows!, numCols!, { maximize });
    const total = rows.reduce((sum, row, i) => sum + values[row * numCols! + cols[i]!]!, 0);
    return [
      exact('outputs.rows', rows, fixture.get('outputs.rows').values),
      exact('outputs.cols', cols, fixture.get('outputs.cols').values),
      relative('scalars.total', [total], [fixture.scalar('total')], 1e-6),
    ];
  },
};
