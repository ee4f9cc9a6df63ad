/** What a run has come to, for sweepers that search by it. */
import { readRun } from '../../run';

/** The last value of each metric: losses of the last epoch, and what evaluators measured. Empty for what is no run. */
export async function metricsOfRun(folder: string): Promise<Record<string, number>> {
  const { history, points } = await readRun(folder);
  const losses = history.flatMap(({ train, val }) =>
    (['train', 'val'] as const).flatMap((split) =>
      Object.entries(split === 'train' ? train : val).map(([key, value]) => [`${key}/${split}`, value] as const),
    ),
  );
  const measured = points.flatMap(({ evaluations }) => evaluations.flatMap(({ metrics }) => Object.entries(metrics)));
  const known = measured.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
  return Object.fromEntries([...losses, ...known]);
}
