export type { Engine, EngineInfo, EngineOptions } from './contract';
export { AUTO, chooseEngine, ENGINES } from './engine';
