import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { PropertiesEvaluator } from './index';

const quick = { num_epochs: 20, hidden: 8 };

testComponent(PropertiesEvaluator, { options: quick });
testComponent(PropertiesEvaluator, {
  options: { ...quick, match: 'prediction', split: 0.5, seed: 3, baselines: false },
  title: 'contract where slots are matched by prediction',
});
testOptions(PropertiesEvaluator, {
  valid: [
    {},
    { match: 'prediction' },
    { masks: 'l_recon' },
    { baselines: false },
    { attention: 'first', seed: 1, hidden: 1, split: 0.5 },
  ],
  invalid: [
    { options: { match: 'hungarian' }, message: /match/ },
    { options: { masks: '' }, message: /masks/ },
    { options: { attention: 'second' }, message: /attention/ },
    { options: { num_epochs: 0 }, message: /num_epochs/ },
    { options: { hidden: 0 }, message: /hidden/ },
    { options: { split: 1 }, message: /split/ },
    { options: { seed: -1 }, message: /seed/ },
  ],
});
