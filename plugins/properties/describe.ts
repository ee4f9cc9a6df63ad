import type { CategoricalAttribute, MetricDescription } from 'osc-trainer/sdk';

/** What the probes are asked beside categories. */
export const POSITION = 'position';

/** Who answers. */
const ANSWERS = {
  linear: 'linear probe',
  mlp: 'MLP probe',
  'untrained/linear': 'untrained: linear probe',
  'untrained/mlp': 'untrained: MLP probe',
  chance: 'chance',
} as const;

export type Answer = keyof typeof ANSWERS;

/** In the order of the table. */
export const ALL_ANSWERS = Object.keys(ANSWERS) as Answer[];

/** Those that stand in the summary of a run, where the data set has them. */
const HEADLINES: readonly string[] = ['color', POSITION];

export function metricName(answer: Answer, property: string): string {
  return `properties/${answer}/${property}`;
}

export interface Measured {
  /** Slots are matched with objects by masks: what is chance does not depend on them then, and to know nothing of the position is R² 0. */
  readonly byMasks: boolean;
  readonly untrained: boolean;
}

export function describeMetrics(
  categories: readonly CategoricalAttribute[],
  { byMasks, untrained }: Measured,
): Record<string, MetricDescription> {
  const names = categories.map(({ name }) => name);
  return Object.fromEntries(
    ALL_ANSWERS.filter((answer) => untrained || !answer.startsWith('untrained')).flatMap((answer) => {
      const properties = answer === 'chance' && byMasks ? names : [...names, POSITION];
      const baseline = answer.startsWith('untrained') || (answer === 'chance' && byMasks);
      return properties.map((property): [string, MetricDescription] => {
        const column = `${property.charAt(0).toUpperCase()}${property.slice(1)}`;
        return [
          metricName(answer, property),
          {
            label: `${column} of objects, ${ANSWERS[answer]}`,
            better: answer === 'chance' ? null : 'higher',
            headline: answer === 'linear' && HEADLINES.includes(property),
            table: { row: ANSWERS[answer], column },
            ...(baseline && { baseline }),
          },
        ];
      });
    }),
  );
}
