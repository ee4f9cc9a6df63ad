/** Schemas for data that nobody vouches for: a small file can have a hundred thousand mistakes, and each would be an object and a line. */
import { z } from 'zod';
import { shortenText } from './text';

const MAX_TOLD = 5;
const MAX_CHARACTERS = 1000;

/** What a schema says of data, in few words. */
export function zodProblems(error: Pick<z.ZodError, 'issues'>): string {
  const { issues } = error;
  const told = shortenText(z.prettifyError(new z.ZodError(issues.slice(0, MAX_TOLD))), MAX_CHARACTERS);
  return issues.length > MAX_TOLD ? `${told}\n… and ${issues.length - MAX_TOLD} more.` : told;
}

/** As `z.array`, but the first item that is wrong is the last that is looked at. */
export function listOf<T extends z.ZodType>(item: T): z.ZodType<z.output<T>[]> {
  return z.array(z.unknown()).transform((items, context) => {
    const read: z.output<T>[] = [];
    for (const [index, one] of items.entries()) {
      const parsed = item.safeParse(one);
      if (!parsed.success) return refuse(parsed.error, index, context);
      read.push(parsed.data);
    }
    return read;
  });
}

/** As `z.record` with names for keys, but the first value that is wrong is the last that is looked at. */
export function mapOf<T extends z.ZodType>(value: T): z.ZodType<Record<string, z.output<T>>> {
  return z.looseObject({}).transform((map, context) => {
    const read: [string, z.output<T>][] = [];
    for (const [name, one] of Object.entries(map)) {
      const parsed = value.safeParse(one);
      if (!parsed.success) return refuse(parsed.error, name, context);
      read.push([name, parsed.data]);
    }
    return Object.fromEntries(read) as Record<string, z.output<T>>;
  });
}

function refuse({ issues }: z.ZodError, key: string | number, context: z.RefinementCtx): never {
  for (const { message, path } of issues.slice(0, MAX_TOLD)) {
    context.addIssue({ code: 'custom', message, path: [key, ...path] });
  }
  return z.NEVER;
}
