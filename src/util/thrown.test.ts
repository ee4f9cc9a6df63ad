import { messageOf, stackOf } from './thrown';

const hostile = new Proxy(
  {},
  {
    get() {
      throw new Error('trap');
    },
  },
);
const withGetter = Object.defineProperty(new Error('x'), 'message', {
  get() {
    throw new Error('getter');
  },
});

test.each<[string, unknown, string]>([
  ['an error', new Error('boom'), 'boom'],
  ['null', null, 'null'],
  ['nothing', undefined, 'undefined'],
  ['text', 'boom', 'boom'],
  ['an object', {}, '[object Object]'],
  ['an object without a prototype', Object.create(null), 'something of type object that cannot be written as text'],
  ['a proxy that throws', hostile, 'something of type object that cannot be written as text'],
  ['a message that is no text', { message: 7 }, '[object Object]'],
])('%s has a message', (_, thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});

test('a getter that throws', () => {
  expect(messageOf(withGetter)).not.toBe('');
  expect(stackOf(withGetter)).not.toBe('');
});

test('the stack, else the message', () => {
  expect(stackOf(new Error('boom'))).toMatch(/^Error: boom\n\s+at /);
  expect(stackOf(null)).toBe('null');
});
