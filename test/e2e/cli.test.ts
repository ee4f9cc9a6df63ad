import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, runJson } from './run-cli';

// written by the build
const manifest = JSON.parse(readFileSync(join(__dirname, '../../.oclif.manifest.json'), 'utf8')) as {
  commands: Record<string, { id: string; hidden?: boolean }>;
};
const cwd = mkdtempSync(join(tmpdir(), 'osc-cli-'));
const osc = (...args: string[]) => runCli(args, { cwd });
const commands = Object.values(manifest.commands)
  .filter(({ hidden }) => hidden !== true)
  .map(({ id }) => id.replaceAll(':', ' '));

describe('help', () => {
  test.each([[[]], [['--help']], [['help']]])('osc %j: what it is, every command, examples', async (args) => {
    const { stdout, stderr, code } = await osc(...args);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    for (const command of commands) expect(stdout).toContain(`  ${command}`);
    expect(stdout).toMatch(/^EXAMPLES\n {2}# /m);
  });

  test.each(commands)('osc %s --help: a sentence, usage, examples', async (command) => {
    const { stdout, code } = await osc(...command.split(' '), '--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[A-Z].*[.]$/m);
    expect(stdout).toContain(`$ osc ${command}`);
    expect(stdout).toMatch(/^EXAMPLES$/m);
  });

  test('osc help COMMAND is the same', async () => {
    expect(await osc('help', 'plugins', 'list')).toEqual(await osc('plugins', 'list', '--help'));
  });
});

describe('a slip', () => {
  const slips: [string[], string, string][] = [
    [
      ['plugins', 'lst'],
      'There is no command "osc plugins lst". Did you mean "osc plugins list"?',
      'osc plugins --help',
    ],
    [['plgins', 'list'], 'There is no command "osc plgins list". Did you mean "osc plugins list"?', 'osc --help'],
    [
      ['help', 'plugins', 'insect'],
      'There is no command "osc plugins insect". Did you mean "osc plugins inspect"?',
      'osc plugins --help',
    ],
    [['frobnicate', 'a=1'], 'There is no command "osc frobnicate".', 'osc --help'],
    [
      ['plugins', 'list', 'extra'],
      '"osc plugins list" takes no arguments, and got "extra".',
      'osc plugins list --help',
    ],
    [['plugins', 'list', '--knd', 'x'], 'There is no flag --knd. Did you mean --kind?', 'osc plugins list --help'],
  ];

  test.each(slips)('osc %j', async (args, message, hint) => {
    expect(await osc(...args)).toEqual({
      stdout: '',
      stderr: `Error: ${message}\n  Try: ${hint}\n`,
      code: 2,
      signal: null,
    });
  });

  test.each(slips)('osc %j --json', async (args, message, hint) => {
    expect(await runJson(args, { cwd })).toEqual({ error: { code: 'usage', message, try: [hint] } });
  });

  test('a missing argument and a wrong choice', async () => {
    const missing = await osc('plugins', 'inspect');
    expect(missing).toMatchObject({ stdout: '', code: 2 });
    expect(missing.stderr).toMatch(/An argument is missing:\nname .*\n {2}Try: osc plugins inspect --help/);
    const wrong = await osc('plugins', 'list', '--kind', 'obj_query');
    expect(wrong).toMatchObject({ stdout: '', code: 2 });
    expect(wrong.stderr).toMatch(
      /--kind should be one of backbone, .*, not "obj_query"\.\n {2}Try: osc plugins list --help/,
    );
  });
});

test('osc --version', async () => {
  expect((await osc('--version')).stdout).toMatch(/^osc-trainer\/\d+\.\d+\.\d+ /);
});

test('what is built holds no tests and none of their helpers, but those for authors of plugins', () => {
  const files = readdirSync(join(__dirname, '../../dist'), { recursive: true, encoding: 'utf8' });
  expect(files).toContain(join('sdk', 'testing', 'index.js'));
  const helpers = files.filter((file) => /\.(test|fixture)\.|[/\\]testing-/.test(file));
  expect(helpers).toEqual([]);
});
