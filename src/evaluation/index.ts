export { Evaluation, type EvaluationOptions } from './evaluators';
