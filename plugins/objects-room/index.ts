export { ObjectsRoom } from './objects-room';
