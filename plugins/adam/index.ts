export { AdamW } from './adamw';
