import { z } from 'zod';
import { component } from './component';
import { createComponent } from './create-component';
import { RunError, UsageError } from './errors';
import { componentToken, inject, OPTIONS, RANDOM } from './tokens';

const manifest = { kind: 'tracker', name: 't', summary: 's', options: z.strictObject({}) } as const;
const POOLING = componentToken('pooling');

@component(manifest)
class Asking {
  constructor(
    @inject(OPTIONS) readonly options: unknown,
    @inject(POOLING) readonly pooling: unknown,
  ) {}
}

test('gives the constructor its options and what is provided, null too', () => {
  expect(createComponent<Asking>(Asking, 'It', { a: 1 }, new Map([[POOLING, null]]))).toMatchObject({
    options: { a: 1 },
    pooling: null,
  });
});

test('two instances do not see each other’s options', () => {
  const provide = new Map([[POOLING, 1]]);
  const [a, b] = [1, 2].map((n) => createComponent<Asking>(Asking, 'It', n, provide));
  expect([a!.options, b!.options]).toEqual([1, 2]);
});

test('a parameter that nothing is provided for', () => {
  expect(() => createComponent(Asking, 'The tracker "t"', {}, new Map([[RANDOM, 1]]))).toThrow(
    'The tracker "t" cannot be made. Parameter 2 of the constructor of Asking asks for osc:component:pooling, ' +
      'and here there are only osc:options, osc:random.',
  );
});

test('a component that extends another without a constructor has its parameters', () => {
  @component(manifest)
  class Derived extends Asking {}
  expect(createComponent<Asking>(Derived, 'It', 5, new Map([[POOLING, 6]]))).toMatchObject({ options: 5, pooling: 6 });
});

test('tokens handed to component(), for authors without decorators', () => {
  class Plain {
    constructor(
      readonly pooling: unknown,
      readonly options: unknown,
    ) {}
  }
  component(manifest, [POOLING, OPTIONS])(Plain);
  expect(createComponent<Plain>(Plain, 'It', 5, new Map([[POOLING, 6]]))).toEqual({ pooling: 6, options: 5 });
});

test.each([new UsageError('Mend it.'), new RunError('It fell over.'), new TypeError('a bug')])(
  'an error of the constructor passes through: %s',
  (error) => {
    @component(manifest)
    class Failing {
      constructor() {
        throw error;
      }
    }
    expect(() => createComponent(Failing, 'It', {})).toThrow(error);
  },
);
