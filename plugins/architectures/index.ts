export { GlobalArchitecture } from './global';
export { GlobalAndObjectsArchitecture } from './global-and-objects';
export { ObjectsThenGlobalArchitecture } from './objects-then-global';
