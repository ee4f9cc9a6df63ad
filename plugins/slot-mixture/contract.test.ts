import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { SlotMixtureLoss } from './slot-mixture';

// a picture of 24 pixels: pure JavaScript computes it
const small = { dimensions: { imageSize: [4, 6] as const } };

testComponent(SlotMixtureLoss, { ...small, options: { hidden: 5, cell: 2 } });
testComponent(SlotMixtureLoss, {
  ...small,
  options: { hidden: 5, cell: 1, decoder: 'fc', color: 'pixel' },
  title: 'contract with decoder fc and colours of pixels',
});

testOptions(SlotMixtureLoss, {
  valid: [{}, { area_entropy: 0, area_entropy_over: 0 }],
  invalid: [
    { options: { color: 'quadratic' }, message: /color/ },
    { options: { cell: 0 }, message: /cell/ },
    { options: { area_entropy: -0.1 }, message: /area_entropy/ },
    { options: { area_entropy_from: 2 }, message: /area_entropy_from/ },
  ],
});
