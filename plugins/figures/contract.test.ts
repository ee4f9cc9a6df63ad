import { testComponent } from 'osc-trainer/sdk/testing';
import { FiguresCallback } from './figures';

testComponent(FiguresCallback);
