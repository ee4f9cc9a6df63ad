export { VqaEvaluator } from './vqa';
export type { VqaOptions } from './options';
export { meanLoss, ProbeImages, type ProbeData, type ProbeParameters } from './linear-probe';
export { scoreAnswers } from './score-answers';
