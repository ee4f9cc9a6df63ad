export { PropertiesEvaluator } from './properties';
export type { PropertiesOptions } from './options';
export { accuracy, majorityAccuracy, positionR2 } from './scores';
