export { Clevr10 } from './clevr10';
