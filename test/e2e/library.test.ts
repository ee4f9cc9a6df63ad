/** `osc-trainer` as a library: docs/library.md, from the packed files in another folder. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPacked } from './installation';
import { TINY, workingDirectory } from './training';

const ROOT = join(__dirname, '../..');
const EXAMPLE = join(ROOT, 'docs/examples/represent.mjs');

const { dir } = installPacked();
const env = { ...process.env, ...workingDirectory().env, OSC_ENGINES_DIR: join(dir, 'engines'), NODE_ENV: undefined };

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, {
    cwd: dir,
    encoding: 'utf8',
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('the page quotes the script', () => {
  expect(readFileSync(join(ROOT, 'docs/library.md'), 'utf8')).toContain(
    `\`\`\`js\n${readFileSync(EXAMPLE, 'utf8')}\`\`\`\n`,
  );
});

test('the script of the page trains, opens the model, and reads slots and attention of an image', () => {
  copyFileSync(EXAMPLE, join(dir, 'represent.mjs'));
  // smaller than the demo, to be done in seconds
  const smaller = [...TINY, 'training.num_epochs=1', 'data.viz.max_samples=0'];
  const output = node('represent.mjs', ...smaller);
  expect(output).toMatch(/^1 epochs in .*outputs\/.*/m);
  expect(output).toContain("'l_global/train': { first:");
  expect(output).toContain('The image is a vector of 8 numbers.');
  expect(
    output.match(/^Slot \d+: length (?!0\.00)[\d.]+, looks most at row [0-3], column [0-3] of 4×4$/gm),
  ).toHaveLength(6);
  expect(existsSync(join(dir, 'scene.tfrecords'))).toBe(true);
});

test('require works, prints nothing, and lists components without TensorFlow.js', () => {
  writeFileSync(
    join(dir, 'list.cjs'),
    `const { listPlugins, UsageError, openModel } = require('osc-trainer');
     listPlugins({ kind: 'obj_queries' }).then(async ({ components }) => {
       const heavy = Object.keys(require.cache).filter((file) => /tfjs|zod/.test(file));
       const error = await openModel({ model: 'nowhere' }).catch((thrown) => thrown);
       console.log(JSON.stringify({
         names: components.map(({ name }) => name), heavy, usage: error instanceof UsageError, what: error.what,
       }));
     });`,
  );
  expect(JSON.parse(node('list.cjs'))).toEqual({
    names: ['kmeans_cosine', 'kmeans_euclidean', 'learned', 'sample'],
    heavy: [],
    usage: true,
    what: 'There is no run or checkpoint nowhere.',
  });
});

test.each([
  ['Node16', 'Node16'],
  ['ESNext', 'Bundler'],
])('types resolve with module %s, moduleResolution %s', (module, moduleResolution) => {
  writeFileSync(
    join(dir, 'typed.mts'),
    `import { openModel, train, type OscConfig, type Representation, UsageError } from 'osc-trainer';
     const { runDir, losses } = await train({ overrides: ['+exp=demo'], signal: AbortSignal.timeout(1000) });
     const first: number | undefined = losses['l_global/train']?.first;
     const model = await openModel({ model: runDir, engine: 'wasm' });
     const config: OscConfig = model.config;
     const epochs: number | null = config.training.num_epochs;
     const made: Representation[] = await model.represent([{ image: new Uint8Array(12), height: 2, width: 2 }]);
     const shape: readonly number[] | undefined = made[0]?.slots?.shape;
     // @ts-expect-error an input there is not
     await train({ override: ['+exp=demo'] });
     // @ts-expect-error a text is no list
     const wrong: string = model.dimensions.grid;
     export { first, epochs, shape, wrong, UsageError };`,
  );
  const flags = ['--noEmit', '--strict', '--target', 'ES2022', '--lib', 'ES2023', '--skipLibCheck'];
  const types = ['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types')];
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  node(tsc, ...flags, ...types, '--module', module, '--moduleResolution', moduleResolution, 'typed.mts');
});

test('every function of the library is on its page, and every command has one', () => {
  const page = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
  const functions = node('-p', "Object.keys(require('osc-trainer')).join()").trim().split(',');
  const errors = ['PluginError', 'RunError', 'UsageError'];
  for (const name of functions.filter((one) => !errors.includes(one))) expect(page).toContain(`| \`${name}(`);
  const { commands } = JSON.parse(readFileSync(join(ROOT, '.oclif.manifest.json'), 'utf8')) as {
    commands: Record<string, unknown>;
  };
  for (const id of Object.keys(commands)) expect(page).toContain(` | \`${id.replaceAll(':', ' ')}`);
});
