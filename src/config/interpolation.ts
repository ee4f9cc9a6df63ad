/** `${a.b}` (another key) and `${oc.env:NAME}` or `${oc.env:NAME,default}` in text, as in Hydra's configs. */
import type { ComponentCatalog } from '../sdk/catalog';
import { UsageError } from '../sdk/errors';
import { defaultsOf, over } from './defaults';
import { parseValue } from './grammar';
import { describeOrigin } from './origin';
import { type Branch, find, isBranch, leaves, type Leaf, place, valueOf } from './tree';
import { cut, describeValue, isMap, type Value } from './value';

const PATTERN = /\$\{([^}]*)\}/g;

/**
 * Replaces every interpolation, in place. Keys that have their default can be named too.
 *
 * @throws UsageError for an unknown key or resolver, and for a circle
 */
export async function interpolate(tree: Branch, catalog: ComponentCatalog): Promise<void> {
  const found = [...leaves(tree)].flatMap(([key, leaf]) =>
    !isBranch(leaf) && hasInterpolation(leaf.value) ? [{ key, leaf }] : [],
  );
  if (found.length === 0) return;
  const whole = over(await defaultsOf(tree, catalog), tree);
  for (const { key, leaf } of found) {
    place(tree, key, { origin: leaf.origin, value: resolve(whole, key, leaf, []) });
  }
}

function hasInterpolation(value: Value): boolean {
  if (typeof value === 'string') return value.includes('${');
  if (Array.isArray(value)) return value.some(hasInterpolation);
  return isMap(value) && Object.values(value).some(hasInterpolation);
}

function resolve(tree: Branch, key: string, leaf: Leaf, path: readonly string[]): Value {
  const fail = (problem: string, why?: string): never => {
    throw new UsageError(`${key} (${describeOrigin(leaf.origin)}) cannot be worked out: ${problem}.`, why);
  };
  if (path.includes(key)) fail(`it leads back to itself by ${[...path, key].join(' → ')}`);
  const lookUp = (expression: string): Value => {
    const [resolver, rest] = cut(expression, ':');
    if (rest !== undefined) {
      if (resolver !== 'oc.env' && resolver !== 'env') {
        fail(`there is no resolver "${resolver}"`, 'osc knows ${some.key} and ${oc.env:NAME,default}.');
      }
      const [name, fallback] = cut(rest, ',');
      const found = process.env[name.trim()];
      if (found !== undefined) return found;
      return fallback === undefined ? fail(`the environment variable ${name} is not set`) : parseValue(fallback);
    }
    if (expression.startsWith('.')) fail('relative keys are not supported', 'Write the whole key from the root.');
    const target = find(tree, expression.trim());
    if (target === undefined) return fail(`there is no value at \${${expression}}`);
    if (isBranch(target)) return valueOf(target);
    return resolve(tree, expression.trim(), target, [...path, key]);
  };
  const replace = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(replace);
    if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replace(item)]));
    if (typeof value !== 'string' || !value.includes('${')) return value;
    const whole = /^\$\{([^}]*)\}$/.exec(value);
    if (whole?.[1] !== undefined) return lookUp(whole[1]);
    if (value.replace(PATTERN, '').includes('${')) fail('"${" is not closed by "}"');
    return value.replace(PATTERN, (_, expression: string) => {
      const found = lookUp(expression);
      if (typeof found === 'object' && found !== null) fail(`\${${expression}} is ${describeValue(found)}, not text`);
      return String(found);
    });
  };
  return replace(leaf.value);
}
