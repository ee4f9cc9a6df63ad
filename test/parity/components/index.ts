import type { Adapter } from '../adapter';
import { adamw } from './adamw';
import { assignment } from './assignment';
import { augmentTrain, colorOps, prepareTest } from './image';
import { kMeans } from './kmeans';
import { losses } from './losses';
import { lrScheduler } from './lr-scheduler';
import { initialization } from './initialization';
import { maskMatching, otsu, ranking } from './metrics';
import { model } from './model';
import { LAYERS } from './modules';
import {
  backbone,
  crossAttentionDecoder,
  learnedQueries,
  patchEmbed,
  positionalEmbedding,
  sampledQueries,
  slotAttention,
} from './parts';
import { rollouts } from './rollouts';
import { segmentation } from './segmentation';
import { training } from './training';
import { linearProbe } from './vqa';

/** All that the harness knows. */
export const ADAPTERS: readonly Adapter[] = [
  ...LAYERS,
  patchEmbed,
  positionalEmbedding,
  backbone,
  slotAttention,
  crossAttentionDecoder,
  learnedQueries,
  sampledQueries,
  kMeans,
  model,
  training,
  initialization,
  losses,
  assignment,
  adamw,
  lrScheduler,
  augmentTrain,
  colorOps,
  prepareTest,
  otsu,
  maskMatching,
  ranking,
  segmentation,
  linearProbe,
  rollouts,
];
