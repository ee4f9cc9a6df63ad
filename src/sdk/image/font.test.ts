import { glyphRows, GLYPH_HEIGHT, GLYPH_WIDTH } from './font';

test('captions have a glyph for every lower-case letter and digit, and for the signs in names', () => {
  for (const character of 'abcdefghijklmnopqrstuvwxyz0123456789.-_') {
    const rows = glyphRows(character);
    expect(rows.map((row) => row.length)).toEqual(Array.from({ length: GLYPH_HEIGHT }, () => GLYPH_WIDTH));
    expect(rows.join('')).toContain('#');
  }
});

test('any other character is blank', () => {
  expect(glyphRows('É').join('')).toBe('.'.repeat(GLYPH_HEIGHT * GLYPH_WIDTH));
});
