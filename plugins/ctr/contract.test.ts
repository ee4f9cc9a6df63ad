import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { ContrastiveLoss } from './contrastive-loss';

testComponent(ContrastiveLoss);

testOptions(ContrastiveLoss, {
  valid: [{}, { temp: 1 }],
  invalid: [
    { options: { temp: 0 }, message: /temp/ },
    { options: { temp: -0.1 }, message: /temp/ },
  ],
});
