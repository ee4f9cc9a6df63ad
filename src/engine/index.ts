export type { Engine, EngineInfo } from './contract';
export { AUTO, chooseEngine, ENGINES } from './engine';
