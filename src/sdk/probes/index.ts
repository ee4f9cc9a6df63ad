/** Small models that are trained on representations to tell what is in them. */
export { ProbeAdamW } from './adamw';
export { checkProbeSplit, splitForProbe } from './split';
export { runProbeSteps, type ProbeSteps } from './steps';
