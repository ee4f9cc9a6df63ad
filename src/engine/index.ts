export { AUTO, chooseEngine, ENGINES, type Engine, type EngineInfo } from './engine';
