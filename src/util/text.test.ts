import { countOf, printable, shortenText, twoDigits, visible, visibleJson } from './text';

test('a noun is in the plural but after one', () => {
  expect([0, 1, 2].map((number) => countOf(number, 'step'))).toEqual(['0 steps', '1 step', '2 steps']);
});

test('numbers of a clock', () => {
  expect([0, 7, 12].map(twoDigits)).toEqual(['00', '07', '12']);
});

test('only long text is cut off', () => {
  expect(shortenText('12345', 5)).toBe('12345');
  expect(shortenText('123456', 5)).toBe('12345…');
});

test('a text from elsewhere is one line, and no order to a terminal', () => {
  expect(printable('v1\u001b[2J\r\n\u009b31m ± ok')).toBe('v1 [2J 31m ± ok');
});

test('what a terminal would obey is told in letters', () => {
  expect(visible('a\u001b[2Jb\rc\u009b1md\u202ee')).toBe('a\\x1b[2Jb\\x0dc\\x9b1md\\u202ee');
  expect(visible('two\nlines\tand naïve 図 🙂')).toBe('two\nlines\tand naïve 図 🙂');
});

test('a JSON document of it says the same', () => {
  const value = { 'a\u009b2J': ['\u001b', '\u202e', 'naïve\n図'] };
  const text = visibleJson(value);
  expect(text).toBe('{\n  "a\\u009b2J": [\n    "\\u001b",\n    "\\u202e",\n    "naïve\\n図"\n  ]\n}');
  expect(JSON.parse(text)).toEqual(value);
});
