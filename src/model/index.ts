export { Model } from './model';
export { buildModel, type ComponentFactory, type ModelConfig } from './build-model';
export { formatParameters, parameterRows, type ParameterRow } from './parameter-table';
