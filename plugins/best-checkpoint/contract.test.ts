import { testComponent, testOptions } from 'osc-trainer/sdk/testing';
import { BestCheckpoint } from './best-checkpoint';

testComponent(BestCheckpoint);
testComponent(BestCheckpoint, { options: { metric: 'test/score' }, title: 'best-checkpoint by a test' });

testOptions(BestCheckpoint, {
  valid: [{}, { metric: 'l_objects/val' }, { metric: 'test/iou', mode: 'max', min_delta: 0.01 }],
  invalid: [
    { options: { mode: 'higher' }, message: /mode/ },
    { options: { min_delta: -1 }, message: /min_delta/ },
  ],
});
