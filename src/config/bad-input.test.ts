/** Every mistake a user can make is a UsageError that names the place and, where something is near, what was meant. */
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from '../sdk/errors';
import { BUILTINS, FakeCatalog, LATER } from './fake-catalog.fixture';
import { compose, loadConfigFile } from '.';

const CATALOG = new FakeCatalog(BUILTINS, [
  ...LATER.filter(({ kind }) => ['loss', 'callback'].includes(kind)),
  { kind: 'obj_queries', name: 'elsewhere', enabled: false },
  { kind: 'obj_queries', name: 'throws', broken: true },
]);

interface Case {
  overrides?: string[];
  plugins?: string[];
  files?: Record<string, string>;
  /** Parts of the message, in order. */
  says: string[];
  /** Part of a thing to try. */
  hints?: string;
}

const yaml = (text: string): Record<string, string> => ({ 'osc.config.yaml': text });
const group = (path: string, text: string): Record<string, string> => ({
  'osc.config.yaml': 'configDirs: [conf]\n',
  [`conf/${path}.yaml`]: text,
});

const CASES: Record<string, Case> = {
  // keys
  'unknown section': {
    overrides: ['trainign.batch_size=3'],
    says: ['no key or config group trainign', 'Did you mean training?'],
  },
  'unknown key': {
    overrides: ['training.batchsize=3'],
    says: ['no key training.batchsize (the override "training.batchsize=3")', 'Did you mean training.batch_size?'],
    hints: 'osc config schema',
  },
  'key of every object': { overrides: ['toString=1'], says: ['no key or config group toString (the override'] },
  'key of every prototype': { overrides: ['__proto__=x'], says: ['__proto__'] },
  'constructor of a component': {
    overrides: ['model.backbone.constructor=1'],
    says: ['no key model.backbone.constructor (the override'],
  },
  'function of every object': { overrides: ['a=toString(1)'], says: ['no function "toString"'] },
  'key without its section': { overrides: ['batch_size=3'], says: ['Did you mean training.batch_size?'] },
  'key of another library': { overrides: ['hydra.run.dir=x'], says: ['a key of Hydra itself', '--run-dir'] },
  'all of Hydra': { overrides: ['hydra=x'], says: ['a key of Hydra itself'] },
  'all of its sweeper': { overrides: ['hydra.sweeper=x'], says: ['a key of Hydra itself'] },
  'folder of its sweeper': { overrides: ['hydra/sweeper/basic=x'], says: ['a key of Hydra itself'] },
  'unknown option of a component': {
    overrides: ['model.obj_queries.num_object=3'],
    says: ['no key model.obj_queries.num_object (the override', 'model.obj_queries.num_objects'],
    hints: 'osc plugins inspect learned',
  },
  'option of another component': {
    overrides: ['model.obj_fn.num_heads=3'],
    says: ['no key model.obj_fn.num_heads', 'num_iters'],
  },
  'option of another launcher': { overrides: ['+launcher.partition=gpu'], says: ['no key launcher.partition'] },
  'key inside a number': {
    overrides: ['lr_scheduler.warmup.epochs.x=3'],
    says: [
      'lr_scheduler.warmup.epochs is no map: it is the number 10 (osc-trainer/configs/lr_scheduler/linear1_cosine4_x10',
    ],
  },
  'key inside a number that is a default': {
    overrides: ['training.batch_size.x=3'],
    says: ['training.batch_size should be a number, not the map {"x":3}'],
  },
  'item of a list': {
    overrides: ['data.crop_size.0=64'],
    says: ['data.crop_size should be a list', 'write the whole list'],
  },
  'item of a list of a group': {
    overrides: ['data.test.evaluators.0=knn'],
    says: ['data.test.evaluators is no map', 'write the whole list'],
  },
  'item of a list in brackets': { overrides: ['data.crop_size[0]=64'], says: ['write the whole list'] },
  'adding what is there': {
    overrides: ['+lr_scheduler.warmup.epochs=3'],
    says: ['already there (osc-trainer/configs/lr_scheduler/linear1_cosine4_x10.yaml:'],
    hints: '++lr_scheduler.warmup.epochs',
  },
  'deleting what is not there': { overrides: ['~data.viz.sed'], says: ['not there', 'data.viz.seed'] },
  'deleting an option that is not there': { overrides: ['~model.backbone.depth'], says: ['not there'] },
  'deleting another value': { overrides: ['~training.batch_size=3'], says: ['the number 3', 'the number 64'] },
  'two values for one key': { overrides: ['other.seed=1', 'other.seed=2'], says: ['other.seed is given two values'] },
  'two values, by an alias': { overrides: ['other.tqdm=true', 'other.progress=false'], says: ['two values'] },
  'two values, with +': { overrides: ['a.b=1', '++a.b=2'], says: ['two values'] },
  // types
  'text for a number': {
    overrides: ['training.batch_size=abc'],
    says: ['training.batch_size should be a number', 'the text "abc"', 'the override "training.batch_size=abc"'],
  },
  'fraction for an integer': { overrides: ['training.batch_size=1.5'], says: ['an integer', 'the number 1.5'] },
  'number too small': { overrides: ['training.batch_size=1'], says: ['at least 2'] },
  'none of a few words': {
    overrides: ['data.on_bad_record=Skipp'],
    says: ['data.on_bad_record should be one of error, skip, not the text "Skipp"', 'Did you mean skip?'],
  },
  'number not finite': { overrides: ['optimizer.start_lr=inf'], says: ['optimizer.start_lr should be a number'] },
  'number for a bool': { overrides: ['other.debug=1'], says: ['true or false', 'the number 1'] },
  'null where there must be a value': { overrides: ['training.batch_size=null'], says: ['a number, not null'] },
  'text for a list': { overrides: ['data.crop_size=64'], says: ['data.crop_size should be a list'] },
  'short list': { overrides: ['data.crop_size=[64]'], says: ['a list of at least 2 items', '[64]'] },
  'long list': { overrides: ['data.crop_size=[64,64,3]'], says: ['a list of at most 2 items'] },
  'wrong item of a list': { overrides: ['data.crop_size=[64,x]'], says: ['data.crop_size[1]', 'the text "x"'] },
  'range upside down': { overrides: ['data.crop_scale=[1,0.3]'], says: ['0 < low <= high <= 1'] },
  'unknown word': { overrides: ['data.on_bad_record=ignore'], says: ['one of error, skip'] },
  'number for a map': { overrides: ['lr_scheduler.warmup=3'], says: ['lr_scheduler.warmup should be a map'] },
  'wrong type of an option': {
    overrides: ['model.obj_queries.num_objects=many'],
    says: ['model.obj_queries.num_objects should be a number', 'the text "many"'],
    hints: 'osc plugins inspect learned',
  },
  'wrong type of a component': { overrides: ['logging.trackers=jsonl'], says: ['logging.trackers should be a list'] },
  'several mistakes at once': {
    overrides: ['training.batch_size=abc', 'other.sed=1'],
    says: ['2 mistakes', 'training.batch_size', 'other.seed'],
  },
  // the grammar
  'list not closed': { overrides: ['data.crop_size=[4,4'], says: ['not closed by "]"', '^'] },
  'no value': { overrides: ['training.batch_size'], says: ['expected "="'], hints: 'training.batch_size=VALUE' },
  'quote not closed': { overrides: ["logging.notes='a"], says: ['is not closed', '^'] },
  'space in a key': { overrides: ['training batch_size=3'], says: ['expected "="'] },
  'seed too large': { overrides: ['other.seed=18446744073709551615'], says: ['too large to be held exactly'] },
  'choices without --multirun': {
    overrides: ['optimizer.start_lr=1,2'],
    says: ['several values', 'a sweep, which is started with --multirun'],
    hints: 'osc train --multirun optimizer.start_lr=1,2',
  },
  'interval without --multirun': {
    overrides: ['optimizer.start_lr=interval(1,2)'],
    says: ['an interval for optimizer.start_lr', 'a sweep'],
    hints: "osc train --multirun 'optimizer.start_lr=interval(1,2)'",
  },
  'pattern without --multirun': { overrides: ['model=glob(*)'], says: ['a pattern for model', 'a sweep'] },
  'seeds without --multirun': {
    overrides: ['seeds=0'],
    says: ['gives the seeds of a sweep', '--multirun'],
    hints: 'other.seed=0 data.train.seed=0',
  },
  'choices of a group without --multirun': {
    overrides: ['model/obj_queries=learned,kmeans_euclidean'],
    says: ['several values for model/obj_queries'],
  },
  // groups
  'unknown group': {
    overrides: ['+experiment/a=demo'],
    says: ['no config group experiment/a, chosen by the override'],
    hints: 'osc config groups',
  },
  'misspelt group without a slash': { overrides: ['+overfitt=overfit'], says: ['overfitt', 'the group overfit'] },
  'misspelt group': { overrides: ['model/obj_querys=learned'], says: ['Did you mean model/obj_queries'] },
  'unknown choice': {
    overrides: ['model=vit_globl'],
    says: ['no choice "vit_globl" in the config group model', 'vit_global'],
    hints: 'osc config groups model',
  },
  'group not in use': {
    overrides: ['losses=more_objects'],
    says: ['losses is not in use'],
    hints: '+losses=more_objects',
  },
  'group twice': { overrides: ['+model=vit_global'], says: ['model is chosen twice', 'train.yaml'] },
  'group with a map of names': {
    overrides: ['model=[[a]]'],
    says: ['should choose a name for the config group model'],
  },
  'group by ++': { overrides: ['++overfit=overfit'], says: ['++'], hints: '+overfit=overfit' },
  'taking out a group that is not in use': { overrides: ['~overfit'], says: ['overfit is not in use'] },
  'choice with no name': { overrides: ['model='], says: ['should choose a name', 'the text ""'] },
  // components
  'component that is not there': {
    overrides: ['model/obj_queries=ghosts'],
    files: group('model/obj_queries/ghosts', 'name: no_such_queries\n'),
    says: ['no obj_queries component "no_such_queries" for model.obj_queries', 'conf/model/obj_queries/ghosts.yaml:1'],
    hints: 'osc plugins list --kind obj_queries',
  },
  'component that is not there, where other words are known': {
    overrides: ['model.obj_fn.pos_embed=ghosts'],
    says: ['no pos_embed component "ghosts" for model.obj_fn.pos_embed', 'Known are backbone, ', 'and null for none.'],
  },
  'evaluator that is there twice': {
    overrides: ['data.test.evaluators=[segmentation,{name: segmentation, attention: last}]'],
    says: ['data.test.evaluators has segmentation more than once (the override', 'metrics of the same names'],
    hints: 'osc evaluate',
  },
  'component that is not there, in a list': {
    overrides: ['logging.trackers=[wandb]'],
    says: ['no tracker component "wandb" for logging.trackers', 'Known are jsonl'],
  },
  'launcher that is not there': { overrides: ['+slurm=slurm'], says: ['no launcher component "slurm"'] },
  'misspelt component': {
    overrides: ['model.obj_queries.name=kmeans'],
    says: ['Did you mean kmeans_cosine or kmeans_euclidean?'],
  },
  'engine that is not there': { overrides: ['engine=cuda'], says: ['no choice "cuda"', 'auto, cpu'] },
  'component that is not enabled': {
    overrides: ['model.obj_queries=elsewhere'],
    says: ['"elsewhere"', 'not enabled', 'osc-plugin-elsewhere 1.0.0'],
    hints: '--plugin osc-plugin-elsewhere',
  },
  'component that cannot be loaded': { overrides: ['model.obj_queries=throws'], says: ['cannot be loaded'] },
  'no component where one is needed': {
    overrides: ['~losses.l_global.name'],
    says: ['chooses no component', 'needs one'],
  },
  'options of no component': {
    overrides: ['~losses.l_global.name', 'losses.l_global.temp=1'],
    says: ['losses.l_global chooses no component, but has temp'],
  },
  'null where a component is needed': { overrides: ['optimizer=null'], says: ['optimizer is missing'] },
  'means of another number of rows than a crop has': {
    overrides: ['data.normalize.rows=[[0,0,0],[1,1,1]]', 'data.crop_size=[4,8]'],
    says: ['data.normalize.rows has means of 2 rows', 'but a crop has 4 (the override "data.crop_size=[4,8]")'],
    hints: 'data.crop_size=[2,…]',
  },
  'slots without queries': { overrides: ['model.obj_queries=null'], says: ['model.obj_queries is null', 'all three'] },
  'loss on slots without slots': {
    overrides: ['model=vit_global'],
    says: ['losses.l_objects is ctr_img', 'no slots'],
    hints: 'losses/l_objects=none',
  },
  // losses under keys of their own
  'loss under a misspelt key': {
    overrides: ['losses.l_objcts.weight=2'],
    says: ['losses.l_objcts chooses no component, but has weight (the override', 'Did you mean losses.l_objects?'],
  },
  'loss under a key that is no name': {
    overrides: ['losses.L-2=ctr'],
    says: ['losses.L-2 should be under a key of lower-case letters'],
  },
  'unknown loss': {
    overrides: ['losses.l_recon=slot-mixtur'],
    says: ['no loss component "slot-mixtur" for losses.l_recon', 'slot-mixture'],
    hints: 'osc plugins list --kind loss',
  },
  'unknown option of a loss': {
    overrides: ['losses.l_recon={name: slot-mixture, tmp: 1}'],
    says: ['no key losses.l_recon.tmp (the override', 'Did you mean losses.l_recon.temp?'],
  },
  'wrong key of the parent, of a loss': {
    overrides: ['losses.l_recon=slot-mixture', 'losses.l_recon.weight=-1'],
    says: ['losses.l_recon.weight should be at least 0, not the number -1'],
  },
  'no loss at all': {
    overrides: ['losses.l_global=null', 'losses.l_objects=null'],
    says: ['All of losses are null', 'there is nothing to train on'],
  },
  // sections beside lists of components
  'section of no component': {
    overrides: ['data.test.vqaa.split=0.5'],
    says: ['no key data.test.vqaa', 'Did you mean data.test.vqa?'],
  },
  'section with an unknown option': {
    overrides: ['training.ema.decai=1'],
    says: ['no key training.ema.decai (the override', 'Did you mean training.ema.decay?'],
    hints: 'osc plugins inspect ema',
  },
  'section with a wrong value, of a component that is not chosen': {
    overrides: ['training.ema.decay=2'],
    says: ['training.ema.decay should be at most 1, not the number 2'],
  },
  'section that is no map': {
    overrides: ['training.ema=3'],
    says: ['training.ema should be a map of options of the callback ema, not the number 3'],
  },
  'component of a list that lacks an option': {
    overrides: ['training.callbacks=[freeze]'],
    says: ['training.callbacks[0].parameters is missing: it should be text.'],
  },
  // --plugin
  'loss whose manifest names no key': {
    plugins: ['slot-mixture'],
    says: ['does not say for which key of losses the loss slot-mixture is'],
    hints: '--plugin losses.KEY=slot-mixture, e.g. losses.l_slot_mixture=slot-mixture',
  },
  'plugin that is not there': {
    plugins: ['kmeans_euclidian'],
    says: ['no component "kmeans_euclidian", chosen by the flag', 'kmeans_euclidean'],
    hints: 'osc plugins list',
  },
  'plugin that several keys could take': {
    plugins: ['learned'],
    says: ['could mean 3 keys', 'model.backbone.pos_embed=learned', 'model.obj_queries=learned'],
    hints: '--plugin model.obj_queries=learned',
  },
  'plugin for an unknown key': { plugins: ['model.obj_query=learned'], says: ['Did you mean model.obj_queries'] },
  'plugin of another kind': { plugins: ['model.obj_queries=ctr'], says: ['no obj_queries component "ctr"'] },
  'two plugins for one key': {
    plugins: ['ctr_img', 'losses.l_objects=ctr_img'],
    says: ['losses.l_objects two values'],
  },
  'plugin and group for one key': {
    plugins: ['kmeans_euclidean'],
    overrides: ['model/obj_queries=learned'],
    says: ['model.obj_queries has two values'],
  },
  // config files
  'broken YAML': { files: yaml('a: [1\nb: 2'), says: ['osc.config.yaml:', 'cannot be read as YAML'] },
  'key twice in YAML': { files: yaml('training: {}\ntraining: {}'), says: ['osc.config.yaml:2:', 'unique'] },
  'no map in the file': { files: yaml('- a'), says: ['osc.config.yaml does not hold a map'] },
  'unknown key in the file': {
    files: yaml('training:\n  batchsize: 3'),
    says: ['no key training.batchsize', 'osc.config.yaml:2', 'training.batch_size'],
  },
  'wrong type in the file': {
    files: yaml('\n\nother: {seed: x}'),
    says: ['other.seed', 'or null', 'osc.config.yaml:3'],
  },
  'misspelt key of the file itself': { files: yaml('plugin: [a]'), says: ['Unknown key "plugin"', 'plugins'] },
  'plugins that are no list': { files: yaml('plugins: {a: 1}'), says: ['"plugins" in', ':1 should be a list of text'] },
  'folder of groups that is not there': { files: yaml('configDirs: [nowhere]'), says: ['nowhere does not exist'] },
  'extended file that is not there': { files: yaml('extends: ./no.yaml'), says: ['no.yaml does not exist', 'extends'] },
  'extended package that is not there': {
    files: yaml('extends: osc-config-none'),
    says: ['osc-config-none is not installed'],
    hints: 'npm install osc-config-none',
  },
  'file that extends itself': { files: yaml('extends: ./osc.config.yaml'), says: ['extends itself'] },
  'unknown choice in the file': {
    files: yaml('defaults: {optimizer: adm}'),
    says: ['no choice "adm"', 'osc.config.yaml:1', 'Did you mean adam?'],
  },
  'unknown group in the file': { files: yaml('defaults:\n  optimiser: adam'), says: ['optimiser', 'optimizer'] },
  'defaults that are no map': { files: yaml('defaults: adam'), says: ['"defaults" in', 'map of groups to choices'] },
  'two config files': { files: { ...yaml(''), '.oscrc': '' }, says: ['two config files', 'osc.config.yaml', '.oscrc'] },
  'config file that throws': {
    files: { 'osc.config.js': 'throw new Error("no luck")' },
    says: ['cannot be loaded', 'no luck'],
  },
  'function in a config file': {
    files: { 'osc.config.cjs': 'module.exports = { other: { seed: () => 1 } }' },
    says: ['other.seed in', 'of type function'],
  },
  'config file that throws nothing': {
    files: { 'osc.config.js': 'throw null' },
    says: ['cannot be loaded', 'threw null'],
  },
  'config file that throws what is no text': {
    files: { 'osc.config.cjs': 'module.exports = () => { throw Object.create(null) }' },
    says: ['osc.config.cjs cannot be loaded', 'something that is no error'],
  },
  'function of a config file that throws': {
    files: { 'osc.config.cjs': 'module.exports = () => { throw 3 }' },
    says: ['osc.config.cjs cannot be loaded', 'threw 3'],
  },
  'config file that fails later': {
    files: { 'osc.config.cjs': 'module.exports = () => Promise.reject(new Error("late"))' },
    says: ['osc.config.cjs cannot be loaded', 'late'],
  },
  'config file with a getter that throws': {
    files: { 'osc.config.cjs': 'module.exports = { get other() { throw new Error("no luck") } }' },
    says: ['osc.config.cjs cannot be loaded', 'no luck'],
  },
  'config file that is a proxy': {
    files: { 'osc.config.cjs': 'module.exports = new Proxy({}, { ownKeys() { throw new Error("no keys") } })' },
    says: ['osc.config.cjs cannot be loaded', 'no keys'],
  },
  'config file that holds itself': {
    files: { 'osc.config.cjs': 'const a = {}; a.other = a; module.exports = a' },
    says: ['osc.config.cjs holds itself, or more than 64 levels'],
  },
  'config file of doubling objects': {
    files: { 'osc.config.cjs': 'let a = {}; for (let i = 0; i < 40; i++) a = { a, b: a }; module.exports = a' },
    says: ['osc.config.cjs holds more than 50000 values'],
  },
  'config file with a list of holes': {
    files: { 'osc.config.cjs': 'module.exports = { logging: { tags: new Array(1e9) } }' },
    says: ['osc.config.cjs holds more than 50000 values'],
  },
  'object without a constructor in a config file': {
    files: {
      'osc.config.cjs': 'class A {}; const other = new A(); other.constructor = null; module.exports = { other }',
    },
    says: ['other in', 'is of type object'],
  },
  'config file that extends a folder': {
    files: { ...yaml('extends: ./base'), 'base/x.yaml': '' },
    says: ['base is a folder, not a file'],
  },
  'config file that extends a module of Node': {
    files: yaml('extends: fs'),
    says: ['The package fs is not installed'],
  },
  'config file that extends nothing': {
    files: yaml('extends: ""'),
    says: ['"extends" in', 'should be a list of text'],
  },
  'path with a zero in it': { files: yaml('plugins: ["./a\\0b"]'), says: ['"plugins" in', 'should be a list of text'] },
  'config file that is a folder': { files: { 'osc.config.yaml/x': '' }, says: ['osc.config.yaml is a folder'] },
  'folder of groups that is a file': {
    files: { ...yaml('configDirs: [x]'), x: '' },
    says: ['x is no folder. "configDirs" in', 'names it'],
  },
  'anchor that is not there': {
    files: yaml('other: {seed: *x}'),
    says: ['osc.config.yaml:1:', 'There is no anchor &x'],
  },
  'alias of what it stands in': {
    files: yaml('other: &x {seed: *x}'),
    says: ['osc.config.yaml:1:', 'stands in what it stands for'],
  },
  'merge key without a map': { files: yaml('other: {<<: 3}'), says: ['osc.config.yaml:1:', 'After "<<" stands a map'] },
  'integer of YAML that is too large': {
    files: yaml('other: {seed: 18446744073709551615}'),
    says: ['too large to be held exactly'],
  },
  'package of a thousand characters': {
    files: yaml(`extends: ${'a/'.repeat(600)}`),
    says: ['A name in "extends" in ', 'osc.config.yaml:1', 'more than 1024 characters'],
  },
  'integer of YAML that is no finite number': {
    files: yaml(`other: {seed: ${'9'.repeat(400)}}`),
    says: ['osc.config.yaml:1:', 'too large to be held exactly'],
  },
  'alias and key in one file': { files: yaml('other: {tqdm: true, progress: true}'), says: ['two values'] },
  // the user's groups
  'list of defaults that is none': {
    files: group('exp/a', 'defaults: x'),
    overrides: ['+exp=a'],
    says: ['should be a list'],
  },
  'entry of defaults that is none': {
    files: group('exp/a', 'defaults: [{a: b, c: d}]'),
    overrides: ['+exp=a'],
    says: ['conf/exp/a.yaml:1', 'cannot be read'],
  },
  'missing choice in a list of defaults': {
    files: group('exp/a', 'defaults:\n  - /optimizer: sgd'),
    overrides: ['+exp=a'],
    says: ['no choice "sgd"', 'conf/exp/a.yaml:1'],
  },
  'override of a group not in use': {
    files: group('exp/a', '# @package _global_\ndefaults:\n  - override /overfit: overfit'),
    overrides: ['+exp=a'],
    says: ['overrides the config group overfit, which is not in use'],
  },
  'defaults that lead back': {
    files: group('exp/a', 'defaults: [a]'),
    overrides: ['+exp=a'],
    says: ['leads back to itself'],
  },
  'choice left open': {
    files: group('exp/a', '# @package _global_\ndefaults:\n  - /overfit: ???'),
    overrides: ['+exp=a'],
    says: ['needs a choice'],
  },
  // interpolation
  'interpolation of nothing': { overrides: ['logging.notes=${nothing.here}'], says: ['logging.notes', 'no value at'] },
  'interpolation in a circle': {
    overrides: ['logging.notes=${logging.name}', 'logging.name=${logging.notes}'],
    says: ['leads back to itself'],
  },
  'unknown resolver': { overrides: ['logging.notes=${now:x}'], says: ['no resolver "now"', 'oc.env'] },
  'interpolation that is not closed': {
    overrides: ["logging.notes='${oc.env:A,${logging.group}'"],
    says: ['logging.notes (the override', 'not closed by "}"'],
  },
  'interpolation that is not closed, without quotes': {
    overrides: ['logging.notes=${logging.group'],
    says: ['is not closed by "}"', '^'],
  },
  'interpolation of a map in text': {
    overrides: ['logging.notes=x${data.val}'],
    says: ['${data.val} is a map, not text'],
  },
  'interpolation with a default that cannot be read': {
    overrides: ["logging.notes='${oc.env:OSC_NO_SUCH_VARIABLE,[1}'"],
    says: ['logging.notes (the override', 'cannot be worked out'],
  },
  'environment variable not set': {
    overrides: ['logging.notes=${oc.env:OSC_NO_SUCH_VARIABLE}'],
    says: ['OSC_NO_SUCH_VARIABLE is not set'],
  },
};

const chain = (count: number, value: (next: string) => string): Record<string, string> =>
  group(
    'exp/a',
    `# @package _global_\nlogging:\n  notes: \${a0}\n${Array.from({ length: count }, (_, i) => `a${i}: '${value(`\${a${i + 1}}`)}'`).join('\n')}\na${count}: x\n`,
  );

/** Few bytes that once took minutes or gigabytes, or ended in a stack of osc. */
const BOMBS: Record<string, Case> = {
  'list in lists': { overrides: [`a=${'['.repeat(20_000)}`], says: ['nested too deeply'] },
  'map in maps': { overrides: [`a=${'{b:'.repeat(10_000)}`], says: ['nested too deeply'] },
  'function in functions': { overrides: [`a=${'int('.repeat(10_000)}`], says: ['nested too deeply'] },
  'key of many names': { overrides: [`a${'.a'.repeat(20_000)}=1`], says: ['more than 32 names'] },
  'long name': { overrides: [`${'a'.repeat(20_000)}=1`], says: ['300 characters'] },
  'doubling braces': { overrides: [`a${'.{b,c}'.repeat(15)}=1`], says: ['more than 1000 keys'] },
  'braces in braces': { overrides: [`a.${'{'.repeat(10_000)}=1`], says: ['more than 16 braces'] },
  'long override': { overrides: [`logging.notes=${'x'.repeat(100_000)}`], says: ['has 100014 characters'] },
  'many overrides': { overrides: Array.from({ length: 5000 }, (_, i) => `a.k${i}=1`), says: ['5000 overrides'] },
  'many mistakes': { overrides: Array.from({ length: 1000 }, (_, i) => `data.k${i}=1`), says: ['… and 970 more'] },
  backslashes: { overrides: [`logging.notes='${'\\'.repeat(40_000)}`], says: ['is not closed'] },
  'backslashes and an interpolation': {
    overrides: [`logging.notes='${'\\'.repeat(40_000)}\${a}'`],
    says: ['no value at ${a}'],
  },
  'interpolations in one another': {
    overrides: [`logging.notes='${'${oc.env:X,'.repeat(4000)}'`],
    says: ['is not closed'],
  },
  'doubling interpolations': {
    files: chain(40, (next) => next + next),
    overrides: ['+exp=a'],
    says: ['more than 100000 characters'],
  },
  'doubling lists': {
    files: group(
      'exp/a',
      `# @package _global_\nlogging:\n  tags: \${a0}\n${Array.from({ length: 40 }, (_, i) => `a${i}: ['\${a${i + 1}}', '\${a${i + 1}}']`).join('\n')}\na40: x\n`,
    ),
    overrides: ['+exp=a'],
    says: ['more than 50000 values'],
  },
  'a chain of interpolations': {
    files: chain(500, (next) => next),
    overrides: ['+exp=a'],
    says: ['more than 100 keys'],
  },
  'an alias bomb': {
    files: yaml(
      Array.from(
        { length: 9 },
        (_, i) =>
          `a${i}: &a${i} [${Array(9)
            .fill(i === 0 ? 'x' : `*a${i - 1}`)
            .join(',')}]`,
      ).join('\n'),
    ),
    says: ['osc.config.yaml:', 'more than 50000 values'],
  },
};

/** A project folder with these files. */
function project(files: Record<string, string>): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'osc-bad-')));
  for (const [name, text] of Object.entries({ 'package.json': '{}', ...files })) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

async function failure({ overrides = [], plugins = [], files = {} }: Case): Promise<unknown> {
  try {
    const file = await loadConfigFile(project(files));
    await compose({ file, catalog: CATALOG, plugins, overrides });
  } catch (error) {
    return error;
  }
  throw new Error('It was accepted.');
}

it.each(Object.entries(BOMBS))('%s: refused within a second', async (_, input) => {
  const before = process.cpuUsage();
  const error = await failure(input);
  const { user } = process.cpuUsage(before); // of this process: others may be busy
  expect(error).toBeInstanceOf(UsageError);
  const { message } = error as UsageError;
  for (const part of input.says) expect(message).toContain(part);
  expect(message.length).toBeLessThan(20_000);
  expect(user).toBeLessThan(1_000_000);
});

it.each(Object.entries(CASES))('%s', async (_, input) => {
  const error = await failure(input);
  expect(error).toBeInstanceOf(UsageError);
  const { message, hints } = error as UsageError;
  let from = 0;
  for (const part of input.says) {
    expect(message.slice(from)).toContain(part);
    from = message.indexOf(part, from) + part.length;
  }
  if (input.hints !== undefined) expect(hints.join('\n')).toContain(input.hints);
});
