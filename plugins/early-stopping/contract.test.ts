import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { EarlyStopping } from './early-stopping';

testComponent(EarlyStopping);
testComponent(EarlyStopping, { options: { patience: 1 }, title: 'early-stopping without patience' });
testComponent(EarlyStopping, {
  options: { metric: 'test/score', min_delta: 9, patience: 2 },
  title: 'early-stopping that nothing is better for',
});

testOptions(EarlyStopping, {
  valid: [{}, { patience: 1 }, { metric: 'test/iou', mode: 'max', min_delta: 0.01 }],
  invalid: [
    { options: { patience: 0 }, message: /patience/ },
    { options: { mode: 'higher' }, message: /mode/ },
  ],
});
