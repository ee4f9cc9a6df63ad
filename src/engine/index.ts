/** Choosing and preparing what computes. */
export type { Detection, Engine, EngineInfo, EngineOptions } from './contract';
export { AUTO, type AutoChoice, chooseEngine, type DetectedEngine, detectEngines, ENGINES, pickEngine } from './engine';
export { defaultThreads } from './machine';
