/** A call of a function in the value of an override. */
import { describeValue } from '../value';
import type { Choice, ChoiceSweep, GlobSweep, IntervalSweep } from './override';

/** Choices, with what the functions around them ask for. */
export interface Choices extends ChoiceSweep {
  /** Where they come from `range()`: casts change its ends and its step. */
  readonly range?: { readonly start: Choice; readonly stop: Choice; readonly step: Choice };
  /** They were the values of a call, as in `int(1,2)`: `choice()` takes them. */
  readonly plain?: true;
}

/** What stands in a place of an override: a value, or what a sweep is to try. */
export type Element = Choice | Choices | IntervalSweep | GlobSweep;

export function isSweep(element: Element): element is Exclude<Element, Choice> {
  return 'kind' in element;
}

export type Fail = (problem: string, hints?: string[]) => never;

export class Call {
  constructor(
    readonly name: string,
    readonly values: readonly Element[],
    readonly named: ReadonlyMap<string, Element>,
    readonly fail: Fail,
  ) {}

  /** Refuses all names but these, for a function that takes any number of values. */
  onlyNamed(...names: readonly string[]): ReadonlyMap<string, Element> {
    for (const name of this.named.keys()) {
      if (!names.includes(name)) {
        const takes = names.length === 0 ? 'no names' : names.join(' and ');
        this.fail(`${this.name}() has no "${name}": it takes values and ${takes}`);
      }
    }
    return this.named;
  }

  /** The arguments by name, those by place too. */
  bind(...names: readonly string[]): ReadonlyMap<string, Element> {
    const bound = new Map(this.named);
    for (const [index, value] of this.values.entries()) {
      const name = names[index];
      if (name === undefined) return this.fail(`${this.name}() takes ${names.join(', ')}, and no more`);
      if (bound.has(name)) this.fail(`the ${name} of ${this.name}() is given twice`);
      bound.set(name, value);
    }
    for (const name of bound.keys()) {
      if (!names.includes(name)) this.fail(`${this.name}() has no "${name}": it takes ${names.join(', ')}`);
    }
    return bound;
  }

  /** A value, where choices make no sense. */
  plain(element: Element, what: string): Choice {
    return isSweep(element) ? this.fail(`${what} is a value, not ${describe(element)}`) : element;
  }

  /** Values alone. */
  plains(): Choice[] {
    return this.values.map((value) => this.plain(value, `what stands among the values of ${this.name}()`));
  }

  number(element: Element, what: string): number {
    const { value } = this.plain(element, what);
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    return this.fail(`${what} is a number, not ${describeValue(value)}`);
  }
}

export function describe(element: Exclude<Element, Choice>): string {
  const names = { choices: 'choices', interval: 'an interval', glob: 'a glob' };
  return names[element.kind];
}
