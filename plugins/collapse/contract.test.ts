import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { CollapseMeter } from './collapse-meter';

testComponent(CollapseMeter);
testComponent(CollapseMeter, { options: { step_interval: 1 }, title: 'collapse at every step' });

testOptions(CollapseMeter, {
  valid: [{}, { step_interval: null }, { step_interval: 1, max_vectors: 2 }],
  invalid: [
    { options: { step_interval: 0 }, message: /step_interval/ },
    { options: { max_vectors: 1 }, message: /max_vectors/ },
  ],
});
