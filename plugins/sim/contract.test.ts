import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { SimilarityLoss } from './similarity-loss';

testComponent(SimilarityLoss);

testOptions(SimilarityLoss, {
  valid: [{}],
  invalid: [{ options: { temp: 0.1 }, message: /temp/ }],
});
