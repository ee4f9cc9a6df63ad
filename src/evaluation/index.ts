/** Runs the evaluators that a config chooses on a model. */
export { Evaluation, type EvaluationOptions, type UntrainedModel } from './evaluators';
