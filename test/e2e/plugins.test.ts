import { once } from 'node:events';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Sdk from 'osc-trainer/sdk';
import { exports } from '../../package.json';
import { createPluginProject, type PluginProject } from './plugin-project';
import { runCli, runJson, startCli } from './run-cli';

// from dist: threads run JavaScript only
const { startPluginThread } = jest.requireActual<typeof Sdk>('../../dist/sdk/plugin-thread.js');

interface Entry {
  readonly kind: string;
  readonly name: string;
  readonly packageName: string;
  readonly packageVersion: string;
  readonly summary: string;
  readonly builtin: boolean;
  readonly enabled: boolean;
}

interface Failure {
  readonly error: { readonly code: string; readonly message: string; readonly try: readonly string[] };
}

let project: PluginProject;

beforeAll(() => {
  project = createPluginProject();
  project.install(['osc-plugin-even-tokens', 'spying-tracker'], 'copy');
  project.install(['osc-plugin-mean-token', 'osc-plugin-twin-a', 'osc-plugin-throws', 'osc-plugin-lies']);
}, 300_000);

afterAll(() => project.remove());

const osc = (...args: string[]) => runCli(args, { cwd: project.dir });
const json = <T>(...args: string[]) => runJson<T>(args, { cwd: project.dir });
const list = async (...args: string[]) => (await json<{ components: Entry[] }>('plugins', 'list', ...args)).components;
const failure = async (...args: string[]) => (await json<Failure>(...args)).error;

describe('osc plugins list', () => {
  test('tells what is built in, what is enabled, and what is only installed', async () => {
    project.enable(['osc-plugin-even-tokens']);
    const components = await list();
    expect(components).toContainEqual(
      expect.objectContaining({ kind: 'tracker', name: 'jsonl', builtin: true, enabled: true }),
    );
    expect(components.filter(({ builtin }) => !builtin)).toEqual([
      expect.objectContaining({
        kind: 'obj_queries',
        name: 'even_tokens',
        packageName: 'osc-plugin-even-tokens',
        packageVersion: '1.2.3',
        summary: 'Patch tokens at even distances, shifted by a learned vector',
        enabled: true,
      }),
      expect.objectContaining({ name: 'mean_token', packageName: '@fixtures/osc-plugin-mean-token', enabled: false }),
      expect.objectContaining({ name: 'promised', enabled: false }),
      expect.objectContaining({ name: 'spy', packageName: 'spying-tracker', enabled: false }), // by its keyword
      expect.objectContaining({ name: 'thrower', enabled: false }),
      expect.objectContaining({ name: 'twin', enabled: false }),
    ]);
  });

  test('runs no code of plugins, enabled or not', async () => {
    project.enable(['osc-plugin-throws', 'spying-tracker']);
    expect((await osc('plugins', 'list')).code).toBe(0);
    project.enable([]);
    expect((await list('--kind', 'tracker')).map(({ name }) => name)).toContain('spy');
    expect(existsSync(join(project.dir, 'executed'))).toBe(false);
  });

  test('the file that would give it away is written when the plugin is loaded', async () => {
    project.enable(['spying-tracker']);
    expect((await osc('plugins', 'inspect', 'spy')).code).toBe(0);
    expect(existsSync(join(project.dir, 'executed'))).toBe(true);
  });

  test('prints a table that fits 120 columns, of one kind where asked', async () => {
    project.enable(['osc-plugin-even-tokens']);
    const { stdout, code } = await osc('plugins', 'list', '--kind=obj_queries');
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^KIND +NAME +PACKAGE +VERSION +ENABLED +SUMMARY$/);
    expect(Math.max(...lines.slice(0, -3).map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(stdout).toMatch(/^obj_queries +even_tokens +osc-plugin-even-tokens +1\.2\.3 +yes +Patch tokens/m);
    expect(stdout).toMatch(/^obj_queries +mean_token .* no /m);
    expect(stdout).not.toMatch(/^tracker/m);
    expect(stdout).toMatch(/^Not enabled: @fixtures\/osc-plugin-mean-token\./m);
  });

  test('the table of all kinds fits 120 columns too', async () => {
    const table = (await osc('plugins', 'list')).stdout.split('\n\nNot enabled')[0]!.split('\n');
    expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  test('lists a package that only looks like a plugin as one that cannot be used', async () => {
    const dir = join(project.dir, 'node_modules/osc-plugin-empty');
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'package.json'), '{ "name": "osc-plugin-empty" }');
    const { broken } = await json<{ broken: { dir: string; problem: string }[] }>('plugins', 'list');
    expect(broken).toEqual([{ dir, problem: expect.stringContaining('It has no "oscPlugin" key.') as string }]);
  });

  test('is quiet when its reader stops early', async () => {
    const { child, done } = startCli(['plugins', 'list', '--json'], { cwd: project.dir });
    child.stdout!.destroy();
    expect((await done).stderr).toBe('');
  });
});

describe('osc plugins inspect', () => {
  test('shows options with type, default and description', async () => {
    project.enable(['osc-plugin-even-tokens']);
    const { stdout } = await osc('plugins', 'inspect', 'even_tokens');
    expect(stdout).toMatch(/^num_objects +integer > 0 +11 +queries an image$/m);
    expect(stdout).toMatch(/^std +number >= 0 +0\.02 +standard deviation/m);
    expect(stdout).toMatch(/^Package +osc-plugin-even-tokens 1\.2\.3$/m);
    expect(stdout).toMatch(/^Reference +a fixture of the end-to-end tests$/m);
    expect(stdout).toMatch(/^Chosen by +model\.obj_queries$/m);
  });

  test('as JSON', async () => {
    expect(await json('plugins', 'inspect', 'even_tokens')).toMatchObject({
      kind: 'obj_queries',
      name: 'even_tokens',
      reference: 'a fixture of the end-to-end tests',
      configKeys: ['model.obj_queries'],
      options: [
        { name: 'num_objects', type: 'integer > 0', required: false, default: 11, description: 'queries an image' },
        { name: 'std', type: 'number >= 0', required: false, default: 0.02 },
      ],
    });
  });

  test('an unknown name: near ones', async () => {
    expect(await failure('plugins', 'inspect', 'even-tokenz')).toEqual({
      code: 'usage',
      message: 'There is no component named "even-tokenz". Did you mean "even_tokens"?',
      try: ['osc plugins list'],
    });
  });

  test('a name in a plugin that is not enabled: how to enable it', async () => {
    project.enable([]);
    const { message, try: hints } = await failure('plugins', 'inspect', 'mean_token');
    expect(message).toMatch(/is in the plugin @fixtures\/osc-plugin-mean-token, which is installed but not enabled/);
    expect(hints).toContain('--plugin @fixtures/osc-plugin-mean-token');
  });
});

describe('loading', () => {
  test('an ES module, linked from elsewhere', async () => {
    project.enable(['@fixtures/osc-plugin-mean-token']);
    expect(await json('plugins', 'inspect', 'mean_token')).toMatchObject({
      packageVersion: '1.2.3',
      options: [{ name: 'num_objects', description: 'queries an image' }],
    });
  });

  /** `osc-trainer/sdk` and its rooms. */
  const rooms = Object.keys(exports)
    .filter((entry) => entry.startsWith('./sdk'))
    .map((entry) => entry.replace('.', 'osc-trainer'));

  /** Packages of the running copies' names in a folder's `node_modules`, whose every entry point throws. */
  function addCopies(folder: string): void {
    for (const copy of ['osc-trainer', '@tensorflow/tfjs-core']) {
      const dir = join(folder, 'node_modules', copy);
      mkdirSync(dir, { recursive: true });
      const entries = { '.': './copy.js', './*': './copy.js' };
      writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: copy, version: '0.0.1', exports: entries }));
      writeFileSync(join(dir, 'copy.js'), `throw new Error('A second copy of ${copy} was loaded.');`);
    }
  }

  const check = `if (!(Linear.prototype instanceof Module)) throw new Error('There are two copies of Module.');\n`;

  test.each([
    [
      'osc-plugin-even-tokens',
      'even_tokens',
      `${rooms.map((room) => `require('${room}');`).join('\n')}\nconst { Linear } = require('osc-trainer/sdk/nn');\n${check}`,
    ],
    [
      'osc-plugin-mean-token',
      'mean_token',
      `${rooms.map((room) => `import '${room}';`).join('\n')}\nimport { Linear } from 'osc-trainer/sdk/nn';\n${check}`,
    ],
  ])(
    '%s gets all rooms of the running SDK, and the running TensorFlow.js, even where it has copies of its own',
    async (fixture, name, code) => {
      expect(rooms.length).toBeGreaterThan(5);
      const folder = project.sourceOf(fixture);
      addCopies(folder);
      appendFileSync(join(folder, 'index.js'), `\n${code}`);
      project.enable([folder]);
      expect(await json('plugins', 'inspect', name)).toMatchObject({ name, enabled: true });
    },
  );

  test('so does a thread that a plugin starts', async () => {
    const folder = join(project.dir, 'thread');
    addCopies(folder);
    const file = join(folder, 'worker.js');
    writeFileSync(
      file,
      `const rooms = ${JSON.stringify(rooms)}.map((room) => require(room));
       exports.run = (data, port) => port.postMessage(data + rooms.length);`,
    );
    const worker = startPluginThread(file, 1);
    const [answer] = (await once(worker, 'message')) as [number];
    await worker.terminate();
    expect(answer).toBe(1 + rooms.length);
  });

  test('a path in the config file, relative to it, and one on the command line, relative to the working directory', async () => {
    project.enable(['../sources/osc-plugin-even-tokens']);
    const sub = join(project.dir, 'sub');
    mkdirSync(sub, { recursive: true });
    const args = ['plugins', 'list', '--kind', 'obj_queries', '--plugin', '../../sources/osc-plugin-mean-token'];
    const { components } = await runJson<{ components: Entry[] }>(args, { cwd: sub });
    const enabled = components.filter((entry) => entry.enabled && !entry.builtin).map(({ name }) => name);
    expect(enabled).toEqual(['even_tokens', 'mean_token']);
  });
});

describe('what is refused, with exit code 2', () => {
  const refused = async (plugins: string[], ...args: string[]) => {
    project.enable(plugins);
    const { stderr, stdout, code } = await osc(...args);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).not.toMatch(/^\s+at /m);
    return stderr;
  };

  test('two plugins of one name', async () => {
    const message = await refused(['osc-plugin-twin-a', '../sources/osc-plugin-twin-b'], 'plugins', 'list');
    expect(message).toContain('Two components of kind tracker are named "twin".');
    expect(message).toContain(join(project.sourceOf('osc-plugin-twin-a'), 'package.json'));
    expect(message).toContain(join(project.sourceOf('osc-plugin-twin-b'), 'package.json'));
  });

  test('one that throws when it is loaded', async () => {
    const message = await refused(['osc-plugin-throws'], 'plugins', 'inspect', 'thrower');
    const main = join(project.sourceOf('osc-plugin-throws'), 'index.js');
    expect(message).toContain('The plugin osc-plugin-throws could not be loaded.');
    expect(message).toContain(`${main} threw TypeError: no server at hand (at connect (${main}:2:9))`);
  });

  test('one that needs a module that is not there', async () => {
    const dir = join(project.dir, 'needy');
    cpSync(project.sourceOf('osc-plugin-throws'), dir, { recursive: true });
    writeFileSync(join(dir, 'index.js'), "require('not-a-module');");
    const message = await refused(['./needy'], 'plugins', 'inspect', 'thrower');
    expect(message).toContain(`${join(dir, 'index.js')} threw Error: Cannot find module 'not-a-module' (at `);
  });

  test('a wrong apiVersion', async () => {
    const message = await refused(['../sources/osc-plugin-api-99'], 'plugins', 'list');
    expect(message).toContain('The plugin "osc-plugin-api-99" was made for another version of osc.');
    expect(message).toContain(`${join(project.sourceOf('osc-plugin-api-99'), 'package.json')} is 99`);
    expect(message).toContain('Try: npm install osc-trainer@latest');
  });

  test('a manifest that lies', async () => {
    const message = await refused(['osc-plugin-lies'], 'plugins', 'inspect', 'promised');
    const source = project.sourceOf('osc-plugin-lies');
    expect(message).toContain(`${join(source, 'package.json')} and ${join(source, 'index.js')} differ`);
    expect(message).toContain('tracker "promised" is listed, but the class Other is tracker "delivered"');
  });

  test('one that is not installed', async () => {
    const message = await refused(['osc-plugin-nowhere'], 'plugins', 'list');
    expect(message).toMatch(/The plugin "osc-plugin-nowhere", named in .*osc\.config\.ts, is not installed\./);
    expect(message).toContain('Try: npm install osc-plugin-nowhere');
  });

  test('a path that leads nowhere', async () => {
    expect(await refused(['./gone'], 'plugins', 'list')).toContain(`There is no folder ${join(project.dir, 'gone')}.`);
  });
});

test('listing loads nothing heavy: it is to take less than half a second', async () => {
  project.enable(['osc-plugin-even-tokens']);
  const loaded = join(project.dir, 'loaded.txt');
  const preload = join(__dirname, 'fixtures/print-loaded.cjs');
  await runCli(['plugins', 'list'], {
    cwd: project.dir,
    env: { NODE_OPTIONS: `--require ${preload}`, LOADED: loaded },
  });
  const files = readFileSync(loaded, 'utf8').split('\n');
  expect(files.some((file) => file.endsWith('registry/discovery.js'))).toBe(true);
  expect(files.filter((file) => /@tensorflow|[/]zod[/]|tsyringe|winston|sharp|dist.sdk.index/.test(file))).toEqual([]);
});
