import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { ImageSimilarityLoss } from './image-similarity-loss';

testComponent(ImageSimilarityLoss);

testOptions(ImageSimilarityLoss, {
  valid: [{}, { temp: 1 }],
  invalid: [{ options: { temp: 0 }, message: /temp/ }],
});
