import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { SimilarityLoss } from './similarity-loss';

testComponent(SimilarityLoss);

testOptions(SimilarityLoss, {
  valid: [{}, { temp: 1 }],
  invalid: [{ options: { temp: 0 }, message: /temp/ }],
});
