export { Evaluation, type EvaluationOptions } from './evaluators';
export {
  metricsOf,
  summariseEvaluations,
  writeEvaluationReport,
  writeEvaluations,
  type EvaluationReport,
  type EvaluationRecord,
  type FirstLastMetric,
} from './record';
