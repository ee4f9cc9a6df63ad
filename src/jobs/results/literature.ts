/** What others report: a file of numbers, each with where it stands. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { code, escaped, table } from './markdown';

const entrySchema = z.strictObject({
  method: z.string(),
  data: z.string(),
  /** As the source calls it. */
  metric: z.string(),
  /** As the source gives it. */
  value: z.number(),
  deviation: z.number().optional(),
  /** Runs. */
  n: z.int().positive().optional(),
  /** A key of `sources`. */
  source: z.string(),
  remark: z.string().optional(),
});

const schema = z
  .strictObject({
    sources: z.record(z.string(), z.strictObject({ title: z.string(), url: z.url(), where: z.string() })),
    caveat: z.string(),
    results: z.array(entrySchema),
  })
  .refine(({ sources, results }) => results.every(({ source }) => source in sources), 'a source is not there');

export type Literature = z.infer<typeof schema>;

export function readLiterature(file: string): Literature {
  return schema.parse(parse(readFileSync(file, 'utf8')));
}

export function literatureSection({ sources, caveat, results }: Literature): string {
  const rows = results.map(({ method, data, metric, value, deviation, n, source, remark = '' }) => [
    escaped(method),
    escaped(data),
    escaped(metric),
    `${value.toFixed(1)}${deviation === undefined ? '' : ` ± ${deviation.toFixed(1)}`}${n === undefined ? '' : ` (n ${n})`}`,
    code(source),
    escaped(remark),
  ]);
  const list = Object.entries(sources).map(
    ([key, { title, url, where }]) => `- ${code(key)}: [${escaped(title)}](${url}), ${where}`,
  );
  return [
    '## What others report',
    caveat.trim(),
    table(['method', 'data', 'metric', 'value', 'source', 'conditions'], rows),
    list.join('\n'),
  ].join('\n\n');
}
