export { CollapseMeter } from './collapse-meter';
