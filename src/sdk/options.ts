import type { z } from 'zod';
import type { ComponentManifest } from './component';
import { UsageError } from './errors';
import { nearNames } from '../util/near-names';

/**
 * A component's options, checked by its schema, defaults filled in.
 *
 * @throws UsageError that names the component and every wrong option, with near names for unknown ones
 */
export function parseOptions(manifest: ComponentManifest, options: unknown): Record<string, unknown> {
  const parsed = manifest.options.safeParse(options);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => describeIssue(issue, Object.keys(manifest.options.shape)));
  throw new UsageError(
    `The options of ${manifest.kind} "${manifest.name}" are wrong: ${problems.join('; ')}.`,
    undefined,
    [`osc plugins inspect ${manifest.name} --kind ${manifest.kind}`],
    { cause: parsed.error },
  );
}

function describeIssue(issue: z.core.$ZodIssue, known: readonly string[]): string {
  if (issue.code === 'unrecognized_keys' && issue.path.length === 0) {
    return issue.keys
      .map((key) => {
        const near = nearNames(key, known);
        return `there is no option "${key}"${near.length > 0 ? ` (did you mean ${near.join(' or ')}?)` : ''}`;
      })
      .join('; ');
  }
  const message = issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  return issue.path.length === 0 ? message : `"${issue.path.join('.')}": ${message}`;
}
