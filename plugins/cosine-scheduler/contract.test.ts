import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { CosineScheduler } from './cosine-scheduler';

testComponent(CosineScheduler);

testOptions(CosineScheduler, {
  valid: [{}, { epochs: 0 }, { epochs: 2.5, end_lr: 0 }],
  invalid: [
    { options: { epochs: -1 }, message: /epochs/ },
    { options: { end_lr: 'low' }, message: /end_lr/ },
  ],
});
