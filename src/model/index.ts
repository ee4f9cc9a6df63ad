/** Building the model of a config, and its weights by name. */
export { assignWeights } from './assign-weights';
export { Model } from './model';
export { buildModel, buildSeededModel, type ComponentFactory, type ModelConfig } from './build-model';
export { formatParameters, parameterRows, type ParameterRow } from './parameter-table';
export { readStateDict, withoutWrappers } from './state-dict';
