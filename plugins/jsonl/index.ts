export { JsonlTracker } from './jsonl';
