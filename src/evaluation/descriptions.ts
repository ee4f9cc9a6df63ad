import { metricDescriptions } from '../run';
import type { Registry } from '../registry';
import type { Evaluator, MetricDescription } from '../sdk';
import { PluginError } from '../sdk/errors';

/**
 * What an evaluator says of its metrics, by name; they become a part of the run's files.
 *
 * @throws PluginError where they are not what they should be: found later, a wrong one would cost a night of training
 */
export function descriptionsOf(
  { metrics = {} }: Evaluator,
  name: string,
  registry: Pick<Registry, 'lookup'>,
): Readonly<Record<string, MetricDescription>> {
  const parsed = metricDescriptions.safeParse(metrics);
  if (parsed.success) return parsed.data;
  const { packageName = 'osc-trainer' } = registry.lookup('evaluator', name) ?? {};
  throw new PluginError([packageName], `The evaluator ${name} describes its metrics wrongly.`, parsed.error);
}
