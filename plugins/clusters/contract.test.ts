import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { ClustersEvaluator } from './index';

testComponent(ClustersEvaluator);
testComponent(ClustersEvaluator, {
  options: { distance: 'cosine', starts: 1, seed: 3, baselines: false },
  title: 'contract with other options',
});
testOptions(ClustersEvaluator, {
  valid: [{}, { distance: 'cosine' }, { starts: 1, seed: 7, baselines: false }],
  invalid: [
    { options: { distance: 'manhattan' }, message: /distance/ },
    { options: { starts: 0 }, message: /starts/ },
    { options: { seed: -1 }, message: /seed/ },
  ],
});
