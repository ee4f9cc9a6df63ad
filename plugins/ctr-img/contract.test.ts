import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { ImageContrastiveLoss } from './image-contrastive-loss';

testComponent(ImageContrastiveLoss);

testOptions(ImageContrastiveLoss, {
  valid: [{}, { temp: 1 }],
  invalid: [
    { options: { temp: 0 }, message: /temp/ },
    { options: { temp: -0.1 }, message: /temp/ },
  ],
});
