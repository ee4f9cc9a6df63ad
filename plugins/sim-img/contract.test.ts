import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { ImageSimilarityLoss } from './image-similarity-loss';

testComponent(ImageSimilarityLoss);

testOptions(ImageSimilarityLoss, {
  valid: [{}],
  invalid: [{ options: { temp: 0.1 }, message: /temp/ }],
});
