import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { RobustnessEvaluator } from './index';

testComponent(RobustnessEvaluator, { options: { num_samples: 5 } });
testComponent(RobustnessEvaluator, {
  options: { variations: ['light'], attention: 'last', slots: 'objects', baselines: false },
  title: 'contract with other options',
});
testOptions(RobustnessEvaluator, {
  valid: [{}, { variations: ['objects', 'light'] }, { num_samples: 1, baselines: false }],
  invalid: [
    { options: { num_samples: 0 }, message: /num_samples/ },
    { options: { variations: [] }, message: /variations/ },
    { options: { slots: 7 }, message: /slots/ },
  ],
});
