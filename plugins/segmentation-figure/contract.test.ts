import { testComponent } from 'osc-trainer/sdk/testing';
import { SegmentationFigure } from './segmentation-figure';

testComponent(SegmentationFigure);
