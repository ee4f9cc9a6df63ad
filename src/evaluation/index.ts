export { Evaluation, type EvaluationOptions } from './evaluators';
export {
  metricsOf,
  summariseEvaluations,
  writeEvaluations,
  type EvaluationRecord,
  type FirstLastMetric,
} from './record';
