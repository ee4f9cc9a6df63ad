export { EvaluationCallback } from './evaluation';
