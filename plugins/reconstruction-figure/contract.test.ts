import { testComponent } from 'osc-trainer/sdk/testing';
import { ReconstructionFigure } from './reconstruction-figure';

testComponent(ReconstructionFigure);
