export { Clevr10 } from './clevr10';
export { CATEGORIES, FOLDER, splitFile, WHOLE_FIELDS } from './records';
