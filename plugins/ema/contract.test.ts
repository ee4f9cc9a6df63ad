import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { Ema } from './ema';

testComponent(Ema);
testComponent(Ema, { options: { decay: 0.5, warm_up: false }, title: 'ema that forgets fast' });

testOptions(Ema, {
  valid: [{}, { decay: 0 }, { decay: 0.9999, warm_up: false }],
  invalid: [
    { options: { decay: 1 }, message: /decay/ },
    { options: { decay: -0.1 }, message: /decay/ },
    { options: { warm_up: 10 }, message: /warm_up/ },
  ],
});
