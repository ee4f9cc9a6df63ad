import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { AdamW } from './adamw';

testComponent(AdamW);
testComponent(AdamW, { options: { weight_decay: 0.1, betas: [0.5, 0.9] }, title: 'adam with other options' });

testOptions(AdamW, {
  valid: [{}, { weight_decay: 0 }, { betas: [0, 0.99], eps: 1e-6 }],
  invalid: [
    { options: { weight_decay: -1 }, message: /weight_decay/ },
    { options: { betas: [0.9, 1] }, message: /betas/ },
    { options: { betas: [0.9] }, message: /betas/ },
    { options: { eps: 0 }, message: /eps/ },
  ],
});
