import type { CategoricalAttribute, MetricDescription } from 'osc-trainer/sdk';

/** What the probes are asked beside categories. */
export const POSITION = 'position';

/** Who answers. */
const ANSWERS = { linear: 'linear probe', mlp: 'MLP probe', chance: 'chance' } as const;

/** Those that stand in the summary of a run, where the data set has them. */
const HEADLINES: readonly string[] = ['color', POSITION];

export function metricName(answer: keyof typeof ANSWERS, property: string): string {
  return `properties/${answer}/${property}`;
}

/** @param hasChance whether there is a chance level of the position: where matching alone gives some of it away */
export function describeMetrics(
  categories: readonly CategoricalAttribute[],
  hasChance: boolean,
): Record<string, MetricDescription> {
  const ofAnswer = (answer: keyof typeof ANSWERS): [string, MetricDescription][] =>
    [...categories.map(({ name }) => name), POSITION].map((property) => {
      const column = `${property.charAt(0).toUpperCase()}${property.slice(1)}`;
      return [
        metricName(answer, property),
        {
          label: `${column} of objects, ${ANSWERS[answer]}`,
          better: answer === 'chance' ? null : 'higher',
          headline: answer === 'linear' && HEADLINES.includes(property),
          table: { row: ANSWERS[answer], column },
        },
      ];
    });
  const chance = ofAnswer('chance').filter(([name]) => hasChance || name !== metricName('chance', POSITION));
  return Object.fromEntries([...ofAnswer('linear'), ...ofAnswer('mlp'), ...chance]);
}
