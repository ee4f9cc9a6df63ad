import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { EvaluationCallback } from './evaluation';

testComponent(EvaluationCallback);

testOptions(EvaluationCallback, {
  valid: [{}, { weights: 'ema' }],
  invalid: [{ options: { weights: 1 }, message: /weights/ }],
});
