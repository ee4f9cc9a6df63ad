/** osc as a process: its input, output, signals, and how it ends. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, runCli, startCli } from './run-cli';
import { checkpointsOf, TINY, waitForSteps, workingDirectory } from './training';

const place = workingDirectory();
const args = (runDir: string, epochs: number, ...more: string[]): string[] => [
  ...['train', ...TINY, `training.num_epochs=${epochs}`, 'data.viz.max_samples=0', '--run-dir', runDir],
  ...more,
];
const logOf = (runDir: string): string => readFileSync(join(place.cwd, runDir, 'train.log'), 'utf8');

test('what stands on standard input is no argument', async () => {
  const { stdout } = spawnSync(process.execPath, [BIN, 'config', 'groups'], { ...place, input: 'losses\n' });
  expect(stdout.toString()).toBe((await runCli(['config', 'groups'], place)).stdout);
});

test('a clone that is not built says what builds it', () => {
  const folder = join(place.cwd, 'clone/src/cli');
  mkdirSync(folder, { recursive: true });
  const launch = join(folder, 'launch.mjs');
  copyFileSync(join(__dirname, '../../src/cli/launch.mjs'), launch);
  const { status, stdout, stderr } = spawnSync(process.execPath, [launch, 'train'], place);
  expect([status, stdout.toString()]).toEqual([2, '']);
  expect(stderr.toString()).toBe('Error: This clone of osc is not built: there is no dist/ folder.\n  Try: npm ci\n');
});

test('a clone without what it depends on says what installs it; preparing it is left to that', () => {
  const folder = join(place.cwd, 'bare/.scripts');
  mkdirSync(folder, { recursive: true });
  const script = join(folder, 'build.mjs');
  copyFileSync(join(__dirname, '../../.scripts/build.mjs'), script);
  const build = (npm_command: string) =>
    spawnSync(process.execPath, [script], { env: { ...process.env, npm_command, npm_lifecycle_event: 'prepare' } });
  expect(build('exec')).toMatchObject({ status: 0 });
  expect(build('install')).toMatchObject({ status: 1 });
  expect(build('install').stderr.toString()).toBe(
    'Error: osc cannot be built: what it depends on is not installed.\n  Try: npm ci\n',
  );
});

test('training goes on when nobody reads what it prints', async () => {
  const { child } = startCli(args('unread', 3), place);
  const ended = once(child, 'exit');
  await once(child.stderr!, 'data');
  child.stdout!.destroy();
  child.stderr!.destroy();
  expect(await ended).toEqual([0, null]);
  expect(logOf('unread')).toContain('Epoch 3/3');
  expect(checkpointsOf(join(place.cwd, 'unread'))).not.toHaveLength(0);
});

test('under nohup SIGHUP is not heard', async () => {
  const { child, done } = startCli(args('nohup', 4), { ...place, env: { ...place.env, _: '/usr/bin/nohup' } });
  await waitForSteps(join(place.cwd, 'nohup'), 2, done);
  child.kill('SIGHUP');
  expect(await done).toMatchObject({ code: 0 });
  expect(logOf('nohup')).toContain('Epoch 4/4');
});

test('SIGUSR1 opens no debugger while osc is still being loaded, and is not lost', async () => {
  const hook = join(place.cwd, 'hook.cjs');
  const send = "setImmediate(() => process.kill(process.pid, 'SIGUSR1'))";
  writeFileSync(hook, `process.once('newListener', (name) => { if (name === 'SIGUSR1') ${send}; });`);
  const env = { ...place.env, NODE_OPTIONS: `--require=${hook}` };
  const { code, stderr } = await runCli(args('early', 2), { ...place, env });
  expect({ code, stderr }).toEqual({ code: 130, stderr: 'SIGUSR1: stopped before training began.\n' });
});

test('a working directory that is gone', () => {
  const gone = join(place.cwd, 'gone');
  mkdirSync(gone);
  const script = `process.chdir(${JSON.stringify(gone)}); require('fs').rmdirSync(${JSON.stringify(gone)});`;
  const hook = join(place.cwd, 'leave.cjs');
  writeFileSync(hook, script);
  const { status, stderr } = spawnSync(process.execPath, ['--require', hook, BIN, 'config', 'show']);
  expect({ status, stderr: stderr.toString() }).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('Error: The working directory is not there any more.'),
  });
  expect(() => rmdirSync(gone)).toThrow(/ENOENT/);
});

const NEVER = 'nothing is left that could go on: a promise was never resolved';

test.each([
  ['waits for ever', 'export default () => new Promise(() => {});', NEVER],
  ['waits as it is loaded', 'await new Promise(() => {}); export default {};', NEVER],
  ['leaves', 'export default () => process.exit(0);', 'process.exit() was called'],
])('a config file that %s: its name, and code 70', async (title, text, how) => {
  const cwd = join(place.cwd, `config ${title}`);
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'osc.config.mjs'), text);
  const { code, stdout, stderr } = await runCli(['config', 'show'], { ...place, cwd });
  expect({ code, stdout }).toEqual({ code: 70, stdout: '' });
  expect(stderr).toContain(`Error: The command has not finished, and ${how}, in the config file osc.config.mjs.`);
});

describe('code of a plugin that', () => {
  beforeAll(() => {
    const dir = join(place.cwd, 'bad');
    mkdirSync(dir);
    const component = { kind: 'callback', name: 'bad', summary: 'A callback: bad' };
    const oscPlugin = { apiVersion: 1, main: './index.js', components: [component] };
    const manifest = { name: 'osc-plugin-bad', version: '1.0.0', type: 'module', oscPlugin };
    writeFileSync(join(dir, 'package.json'), JSON.stringify(manifest));
    writeFileSync(
      join(dir, 'index.js'),
      `import { component, OPTIONS, z } from 'osc-trainer/sdk';
       const acts = {
         never: () => new Promise(() => {}),
         leaves: () => process.exit(0),
         rejects: () => void Promise.reject(new Error('too late')),
       };
       export class Bad {
         constructor(options) { this.options = options; }
         onStart() { return acts[this.options.act](); }
       }
       component({ ...${JSON.stringify(component)}, options: z.strictObject({ act: z.string() }) }, [OPTIONS])(Bad);`,
    );
  });

  test.each([
    ['never', /The command has not finished, .* in the callback bad of osc-plugin-bad, in onStart\./],
    ['leaves', /The command has not finished, and process\.exit\(\) was called, .* Code of osc-plugin-bad did it\./],
    ['rejects', /Code of the plugin osc-plugin-bad threw, and nobody waited for it: too late/],
  ])('%s: its name, code 70, and a line in the log', async (act, message) => {
    const callbacks = `training.callbacks=[{name: bad, act: ${act}}]`;
    const { code, stderr } = await runCli(args(act, 2, '--plugin', './bad', callbacks), place);
    expect(code).toBe(70);
    expect(stderr).toMatch(/^This is a bug in a plugin\. /m);
    expect(stderr).toMatch(message);
    expect(logOf(act)).toMatch(message);
  });
});
