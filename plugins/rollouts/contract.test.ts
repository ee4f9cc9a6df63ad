import { testComponent } from 'osc-trainer/sdk/testing';
import { RolloutsFigure } from './rollouts';

testComponent(RolloutsFigure);
