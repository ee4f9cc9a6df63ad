/** Whatever is written, it is read or refused with a UsageError: nothing a user writes is a bug in osc. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { UsageError } from '../sdk/errors';
import { BUILTINS, FakeCatalog, LATER } from './fake-catalog.fixture';
import { changeSavedConfig, compose, groupFolders, loadConfigFile, printConfig } from '.';

const CATALOG = new FakeCatalog(BUILTINS, LATER);

/** What every object has, and what osc's own code may look up. */
const RESERVED = [
  'toString',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'valueOf',
  'prototype',
  'length',
  'then',
  'name',
  'options',
  '*',
  'defaults',
  'hydra',
  'unlisted',
  '0',
  '<<',
  '???',
  '_self_',
  '_global_',
];
const SECTIONS = [
  'model',
  'model.backbone',
  'model.obj_queries',
  'model.obj_fn',
  'losses',
  'losses.l_global',
  'optimizer',
  'data',
  'data.test',
  'data.test.vqa',
  'data.viz',
  'logging',
  'logging.trackers',
  'training',
  'training.ema',
  'training.callbacks',
  'other',
  'engine',
  'launcher',
  'sweeper',
  'lr_scheduler.decay',
  'exp',
  'model/obj_queries',
  'losses/l_global',
  'nothing',
];
const VALUES = [
  '1',
  '-1',
  '1.5',
  'x',
  'null',
  'true',
  '[]',
  '{}',
  '[1,x]',
  '{a:1}',
  '{__proto__:1}',
  '{name:ctr}',
  '{name:null}',
  '{name:{}}',
  '[[]]',
  '[{name:vqa}]',
  '[null]',
  '[vqa,vqa]',
  'toString',
  '__proto__',
  'constructor',
  'ctr',
  'vqa',
  '???',
  '${a}',
  '${toString}',
  '${__proto__}',
  '${model}',
  '${data.viz}',
  '${oc.env:X}',
  '${.a}',
  '${..}',
  '${[}',
  'nan',
  'inf',
  "''",
  '1,2',
  'choice(1,2)',
  'str(1)',
  '${model.toString}',
  '[${losses}]',
];
const name = fc.constantFrom(...RESERVED, ...SECTIONS);
const key = fc.oneof(
  name,
  fc.tuple(name, fc.constantFrom('.', '/', '@'), fc.constantFrom(...RESERVED, 'a')).map((parts) => parts.join('')),
);
const override = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.constantFrom('', '+', '++', '~'), key, fc.constantFrom(...VALUES))
      .map(([sign, at, value]) => `${sign}${at}=${value}`),
  },
  { weight: 1, arbitrary: key.map((at) => `~${at}`) },
);

async function refusedOrRead(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof UsageError) return;
    throw error;
  }
}

const folder = (): string => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'osc-fuzz-')));
  writeFileSync(join(dir, 'package.json'), '{}');
  mkdirSync(join(dir, 'conf/exp'), { recursive: true });
  return dir;
};

describe('whatever is written', () => {
  const dir = folder();

  it('as overrides', async () => {
    const file = await loadConfigFile(dir);
    await fc.assert(
      fc.asyncProperty(fc.array(override, { minLength: 1, maxLength: 3 }), (overrides) =>
        refusedOrRead(() => compose({ file, catalog: CATALOG, plugins: [], overrides })),
      ),
      { numRuns: 300 },
    );
  });

  it('as overrides of a saved config', async () => {
    const file = await loadConfigFile(dir);
    const saved = join(dir, 'saved.yaml');
    writeFileSync(saved, printConfig((await compose({ file, catalog: CATALOG, plugins: [], overrides: [] })).values));
    await fc.assert(
      fc.asyncProperty(fc.array(override, { minLength: 1, maxLength: 3 }), (overrides) =>
        refusedOrRead(() =>
          changeSavedConfig(saved, { catalog: CATALOG, folders: groupFolders(file), plugins: [], overrides }),
        ),
      ),
      { numRuns: 150 },
    );
  });

  it('behind --plugin', async () => {
    const file = await loadConfigFile(dir);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          name,
          fc.tuple(key, name).map((parts) => parts.join('=')),
        ),
        (plugin) => refusedOrRead(() => compose({ file, catalog: CATALOG, plugins: [plugin], overrides: [] })),
      ),
      { numRuns: 100 },
    );
  });

  const data = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 'x', 'toString', '???', '${a}', '${model}', 'ctr', []),
      fc.dictionary(fc.oneof(name, fc.constantFrom('name', 'weight', 'a')), tie('value'), { maxKeys: 3 }),
      fc.array(tie('value'), { maxLength: 2 }),
    ),
  })).value;

  it.each(['osc.config.json', 'conf/exp/x.yaml'])('in %s', async (path) => {
    const at = folder();
    writeFileSync(join(at, 'osc.config.json'), '{"configDirs": ["conf"]}');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, data, { maxKeys: 3 }), async (content) => {
        const body = path.endsWith('json') ? content : { ...content };
        writeFileSync(join(at, path), `${path.endsWith('yaml') ? '# @package _global_\n' : ''}${JSON.stringify(body)}`);
        await refusedOrRead(async () => {
          const file = await loadConfigFile(at);
          await compose({ file, catalog: CATALOG, plugins: [], overrides: path.endsWith('yaml') ? ['+exp=x'] : [] });
        });
      }),
      { numRuns: 200 },
    );
  });

  it('as text of YAML', async () => {
    const at = folder();
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'ab:- \n{}[],&*<!|>\'"#?%@`~.01_$'), maxLength: 60 }),
      fc
        .array(
          fc.constantFrom(
            'a: &x ',
            '*x',
            '<<: ',
            '{',
            '}',
            '[',
            ']',
            ', ',
            '\n',
            '  ',
            '- ',
            'b: ',
            '!!int ',
            '1',
            '"',
            '? ',
            '---\n',
            'defaults: ',
            '_self_',
            'extends: ',
            'plugins: ',
            './osc.config.yaml',
            '/',
            '.',
            '${a}',
          ),
          { maxLength: 14 },
        )
        .map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        writeFileSync(join(at, 'osc.config.yaml'), content);
        await refusedOrRead(async () =>
          compose({ file: await loadConfigFile(at), catalog: CATALOG, plugins: [], overrides: [] }),
        );
      }),
      { numRuns: 300 },
    );
    rmSync(at, { recursive: true });
  });
});
