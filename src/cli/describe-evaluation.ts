/** What `osc evaluate` measured, for people. */
import type { EvaluatedModel } from '../jobs';
import { countOf } from '../util/text';
import { shorten } from './describe-summary';
import { describeRecord } from './metric-table';
import { formatTable, tableWidth } from './table';

const DIGITS = 4;

/** `name=value, …` of what is plain; the rest is in the file. */
function inWords(settings: Readonly<Record<string, unknown>>): string {
  return Object.entries(settings)
    .filter(([, value]) => typeof value !== 'object')
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(', ');
}

export function describeEvaluation(evaluated: EvaluatedModel, cwd = process.cwd()): string {
  const { evaluations, checkpoint, weights, step, epoch, file, figures } = evaluated;
  // what stands in a table, or only serves one, is not listed again
  const rows = evaluations.flatMap(({ metrics, descriptions = {} }) =>
    Object.entries(metrics)
      .filter(([name]) => descriptions[name]?.table === undefined && descriptions[name]?.baseline !== true)
      .map(([name, value]) => [name, value.toFixed(DIGITS)]),
  );
  const settings = evaluations.map(({ evaluator, options, num_objects: numObjects }) => {
    const slots = numObjects === undefined ? {} : { num_objects: numObjects };
    return `Evaluator   ${evaluator}: ${inWords({ ...options, ...slots })}`;
  });
  const data = evaluations[0]!.data as { name: string; samples: number };
  return [
    '',
    ...evaluations.flatMap((record) => describeRecord(record)),
    ...(rows.length === 0 ? [] : [formatTable(['METRIC', 'VALUE'], rows, tableWidth()), '']),
    ...settings,
    `Data        ${data.name}, ${data.samples} test ${data.samples === 1 ? 'image' : 'images'}`,
    `Checkpoint  ${shorten(checkpoint, cwd)} (${countOf(epoch, 'epoch')}, ${countOf(step, 'step')})`,
    ...(weights === null ? [] : [`Weights     ${weights}`]),
    `Written to  ${shorten(file, cwd)}`,
    ...figures.map((figure) => `Figure      ${shorten(figure, cwd)}`),
  ].join('\n');
}
