/** The rules that keep the floors: what they let pass and what they refuse, in every way of importing. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const GOOD: readonly (readonly [string, string])[] = [
  ['src/jobs/x.js', "import { a } from '../training';"],
  ['src/jobs/train/x.js', "import { a } from '../open-trained';"],
  ['src/training/x.js', "import { a } from '../run/index.js';"],
  ['src/registry/x.js', "import { UsageError } from '../sdk/errors';"],
  ['src/model/x.js', "import { Mlp } from '../sdk/nn';"],
  ['src/sdk/x.js', "import { nearNames } from '../util/near-names';"],
  ['plugins/x/x.js', "import { z } from 'osc-trainer/sdk';"],
  ['plugins/x/x.js', "import { a } from './a';"],
];

const BAD: readonly (readonly [string, string, RegExp])[] = [
  ['src/model/x.js', "import { a } from '../training';", /not on a floor below/],
  ['src/training/x.js', "export * from '../evaluation';", /not on a floor below/],
  ['src/sdk/x.js', "const a = await import('../config/index.js');", /not on a floor below/],
  ['src/sdk/x.js', "const a = require('../engine');", /not on a floor below/],
  ['src/jobs/x.js', "import { a } from '../training/step';", /entered by its index, not by step/],
  ['src/jobs/x.js', "const a = await import('../run/checkpoint.js');", /entered by its index, not by checkpoint/],
  ['src/jobs/x.js', "import { a } from '../../plugins/ctr';", /knows no plugin/],
  ['src/model/x.js', "import { a } from 'osc-trainer/sdk';", /relative path/],
  ['plugins/x/x.js', "import { a } from '../../src/sdk';", /./],
  ['plugins/x/x.js', "const a = await import('../other/a');", /./],
  ['plugins/x/x.js', "const a = require('../../src/run');", /./],
];

const cases = [...GOOD, ...BAD].map(([file, code]) => ({ file, code }));
const messages = JSON.parse(
  execFileSync(process.execPath, [join(__dirname, 'check-imports.mjs')], {
    cwd: join(__dirname, '../..'),
    input: JSON.stringify(cases),
    encoding: 'utf8',
  }),
) as string[][];

test.each(GOOD.map(([file, code], i) => [file, code, i] as const))('%s: %s passes', (_file, _code, i) => {
  expect(messages[i]).toEqual([]);
});

test.each(BAD.map(([file, code, pattern], i) => [file, code, pattern, i] as const))(
  '%s: %s is refused',
  (_file, _code, pattern, i) => {
    expect(messages[GOOD.length + i]).toEqual([expect.stringMatching(pattern)]);
  },
);
