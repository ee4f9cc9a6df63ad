import 'reflect-metadata';
import { container } from 'tsyringe';
import { injectedTokens, type ComponentClass } from './component';
import { isReportedError, UsageError } from './errors';
import { OPTIONS } from './tokens';

/**
 * Makes an instance in a container of its own: its options are the only `OPTIONS` there.
 *
 * @param who how messages name the component
 * @param provide what its constructor may ask for, by token; a value may be null
 * @throws UsageError if it asks for something else; UsageError and RunError of its constructor pass through
 */
export function createComponent<T>(
  componentClass: ComponentClass,
  who: string,
  options: unknown,
  provide: ReadonlyMap<symbol, unknown> = new Map(),
): T {
  const child = container.createChildContainer();
  // factories, since tsyringe takes a null value for a missing one
  for (const [token, value] of provide) child.register(token, { useFactory: () => value });
  child.register(OPTIONS, { useFactory: () => options });

  const tokens = injectedTokens(componentClass);
  if (componentClass.length > tokens.length) {
    throw new UsageError(
      `${who} cannot be made.`,
      `The constructor of ${componentClass.name} has ${componentClass.length} parameters and says what ${tokens.length} of them are.`,
      [
        'TypeScript: @inject(OPTIONS) before every parameter',
        `JavaScript: component({ … }, [OPTIONS, DIMENSIONS, …])(${componentClass.name})`,
      ],
    );
  }
  for (const [position, token] of tokens) {
    if (typeof token !== 'symbol' || token === OPTIONS || provide.has(token)) continue;
    const offered = [OPTIONS, ...provide.keys()].map((one) => one.description).join(', ');
    throw new UsageError(
      `${who} cannot be made.`,
      `Parameter ${position + 1} of the constructor of ${componentClass.name} asks for ` +
        `${token.description ?? 'a nameless symbol'}, and here there are only ${offered}.`,
    );
  }
  try {
    return child.resolve(componentClass as never);
  } catch (error) {
    const reported = chain(error).find(isReportedError);
    throw reported ?? error;
  }
}

function chain(error: unknown): unknown[] {
  return error instanceof Error ? [error, ...chain(error.cause)] : [error];
}
