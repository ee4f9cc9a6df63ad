import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { BatchContrastiveLoss } from './batch-contrastive-loss';

testComponent(BatchContrastiveLoss);

testOptions(BatchContrastiveLoss, {
  valid: [{}, { temp: 1 }],
  invalid: [
    { options: { temp: 0 }, message: /temp/ },
    { options: { temp: -0.1 }, message: /temp/ },
  ],
});
