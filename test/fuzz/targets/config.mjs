/** What a user writes: YAML, overrides, a config file with overrides. */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Broken } from '../judge.mjs';
import { mutateText } from '../mutate.mjs';
import { built } from './built.mjs';

const { compose, loadConfigFile, parseOverrides, printHead, printOverride, groupFolders } = built('config/index');
const { readSpace } = built('launch/index');
const { parseYamlText } = built('config/yaml');
const { valueOf } = built('config/tree');
const { configDocument } = built('config/written-config');
const { Registry } = built('registry/index');
const { ENGINE_COMPONENTS } = built('jobs/open-registry');

const YAML = [
  'a: &x ',
  '*x',
  '<<: *x',
  '{',
  '}',
  '[',
  ']',
  ', ',
  '\n',
  '\n  ',
  '\n- ',
  'b: ',
  '!!int ',
  '!!binary ',
  '"',
  "'",
  '? ',
  ': ',
  '---\n',
  '...\n',
  '|\n ',
  '>-\n ',
  '%YAML 1.1\n',
  '# @package _global_\n',
  '\t',
  '\ufeff',
  '\r\n',
  '&',
  '*',
  '!',
  '0x1F',
  '010',
  '1:30',
  '1e3',
  '.inf',
  '.nan',
  '-0',
  'yes',
  '~',
  '2001-01-01',
  '\0',
  '\u2028',
  '9007199254740993',
  '??? ',
];
const KEYS = [
  'model',
  'model.backbone',
  'model.obj_queries',
  'losses',
  'losses.l_global',
  'data',
  'data.test.evaluators',
  'training.callbacks',
  'training',
  'optimizer',
  'lr_scheduler',
  'logging.trackers',
  'engine',
  'other.seed',
  'other.debug',
  'hydra',
  'launcher',
  'sweeper',
  'unlisted',
  'name',
  'options',
  '__proto__',
  'constructor',
  'toString',
  'defaults',
  'extends',
  'plugins',
  'configDirs',
];
const OVERRIDES = [
  '=',
  '+',
  '++',
  '~',
  '@',
  '/',
  '.',
  ',',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  ':',
  "'",
  '"',
  '\\',
  '\\\\',
  '\n',
  ' ',
  '\t',
  '${',
  '${a}',
  '${oc.env:X}',
  '${oc.env:X,1}',
  '${oc.select:a,b}',
  '${oc.decode:"[1]"}',
  '${.a}',
  '${..a}',
  '???',
  'null',
  'true',
  'nan',
  'inf',
  '-inf',
  '1e400',
  '1_000',
  '0x1',
  '9007199254740993',
  'choice(',
  'range(',
  'glob(*)',
  'interval(',
  'sort(',
  'shuffle(',
  'extend_list(',
  'str(',
  'int(',
  'float(',
  'bool(',
  'json_str(',
  'tag(',
  '{a,b}',
  'é',
  '\u202e',
];

const mutate = (bytes, random, options) => mutateText(bytes, random, options);

const yaml = {
  name: 'yaml',
  mutate,
  dictionary: [...YAML, ...KEYS],
  names: (message, { file }) => message.includes(basename(file)),
  read(bytes, { file }) {
    const { tree } = parseYamlText(bytes.toString(), file, 'file');
    const value = valueOf(tree);
    const printed = configDocument(value).toString();
    if (printed.length > 50_000) return; // what is written out may be more than is read
    const again = valueOf(parseYamlText(printed, file, 'file').tree);
    // -0.0 is written as -0, which YAML reads as an integer
    const plain = (one) => JSON.stringify(one, (_, part) => (typeof part === 'number' ? String(part) : part));
    if (plain(again) !== plain(value))
      throw new Broken(`printed and read it is another: ${plain(value).slice(0, 200)} ${plain(again).slice(0, 200)}`);
  },
};

const folders = groupFolders({ configDirs: [] });
const FUNCTIONS = [
  'choice(',
  'range(',
  'interval(',
  'glob(',
  'sort(',
  'shuffle(',
  'tag(log,',
  'int(',
  'reverse=true',
  'exclude=',
];
const lines = (bytes) => bytes.toString().split('\n');

const overrides = {
  name: 'overrides',
  mutate,
  dictionary: [...OVERRIDES, ...KEYS],
  names: (message) => /override|read/.test(message),
  read(bytes) {
    const plain = ({ operation, key, value, float, ...rest }) => [operation, key, value, float, rest.package];
    for (const override of parseOverrides(lines(bytes))) {
      const { sweep } = override;
      if (sweep !== undefined && sweep.kind !== 'choices') continue;
      // of choices each is printed by itself
      for (const one of sweep?.choices ?? [override]) {
        const text = sweep === undefined ? printOverride(override) : `${printHead(override)}=${one.text}`;
        const [again] = parseOverrides([text]);
        const { value, float } = one;
        if (!isDeepStrictEqual(plain(again), plain({ ...override, value, float })))
          throw new Broken(`${JSON.stringify(override)} is printed as ${text}`);
      }
    }
  },
};

/** Overrides of a sweep, to its jobs. */
const sweep = {
  name: 'sweep',
  mutate,
  dictionary: [...OVERRIDES, ...FUNCTIONS, ...KEYS, 'seeds='],
  names: (message) => message.length > 10,
  read(bytes) {
    const space = readSpace(lines(bytes), folders);
    const [job] = space.jobs([space.sample]);
    parseOverrides(job.overrides);
    if (job.name.length > 100) throw new Broken(`the name ${job.name} is too long`);
  },
};

const registry = await Registry.open({ plugins: [], from: import.meta.dirname, own: ENGINE_COMPONENTS, cwd: '/' });

/** A config file, and behind a line of `%%` overrides of the command line. */
const config = {
  name: 'config',
  characters: 12_000, // thirty mistakes at once
  mutate,
  dictionary: [...YAML, ...OVERRIDES, ...KEYS, '\n%%\n'],
  names: (message) => message.length > 10,
  async read(bytes, { folder }) {
    const [text = '', given = ''] = bytes.toString().split('\n%%\n');
    writeFileSync(join(folder, 'package.json'), '{}');
    writeFileSync(join(folder, 'osc.config.yaml'), text);
    const file = await loadConfigFile(folder);
    await compose({ file, catalog: registry, plugins: [], overrides: given.split('\n').filter((line) => line !== '') });
  },
};

export const targets = [yaml, overrides, sweep, config];
export { registry };
