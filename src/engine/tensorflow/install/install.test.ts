import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { RunError, UsageError } from '../../../sdk/errors';
import { silentProgress } from '../../../sdk/logger';
import { findPackage } from '../find';
import { installFolder } from '../folders';
import type * as fixture from './fake-machine.fixture';
import { failure, FakeMachine, NOT_FOUND, type Instead, type ProgramName } from './fake-machine.fixture';
import { installTensorflow, partialFolder, type InstallOutcome, type InstallRequest } from './install';
import type { Finished } from '../process';
import type { Machine } from './requirements';

// a wheel of a few bytes in place of the pinned ones
jest.mock('./wheels', () => {
  const { FAKE_WHEEL } = jest.requireActual<typeof fixture>('./fake-machine.fixture');
  return { wheelFor: (_: string, platform = 'linux-x64') => (platform === 'linux-x64' ? FAKE_WHEEL : null) };
});

const WHEEL_STEPS: ProgramName[] = ['npm ci', 'pip', 'unpack', 'compile', 'check'];

let root: string;
let machine: FakeMachine;
let env: NodeJS.ProcessEnv;
let target: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'osc-install-'));
  env = { OSC_ENGINES_DIR: root };
  target = installFolder('cpu', env);
  machine = new FakeMachine();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const LINUX: Machine = { platform: 'linux-x64', glibc: '2.36', freeBytes: () => 1e12 };

function install(request: Partial<InstallRequest> = {}): Promise<InstallOutcome> {
  return installTensorflow({
    variant: 'cpu',
    fromWheel: true,
    force: false,
    progress: silentProgress,
    env,
    run: machine.run,
    machine: LINUX,
    ...request,
  });
}

const fails = (request?: Partial<InstallRequest>): Promise<UsageError | RunError> =>
  install(request).then(
    () => {
      throw new Error('It did not fail.');
    },
    (error: UsageError | RunError) => error,
  );

/** The program ends like this; all others do their work. */
const ending =
  (program: ProgramName, finished: Finished): Instead =>
  (call) =>
    call.program === program ? finished : undefined;

describe('from a wheel', () => {
  test('is installed where the engine looks for it, and nothing else is left', async () => {
    expect(await install()).toEqual({
      package: '@tensorflow/tfjs-node',
      version: '4.22.0',
      wheel: 'tensorflow_cpu-2.0.0.whl',
      tensorflow: '2.0.0',
      folder: target,
      bytes: expect.any(Number),
      alreadyInstalled: false,
      seesGpu: false,
    });
    expect(machine.programs).toEqual(WHEEL_STEPS);
    expect(readdirSync(root)).toEqual([basename(target)]);
    expect(readdirSync(target).sort()).toEqual(['engine.json', 'node_modules', 'package-lock.json', 'package.json']);
    expect(findPackage(env, root)).toMatchObject({ variant: 'cpu' });
  });

  test('twice is once, unless it is forced', async () => {
    await install();
    expect(await install()).toMatchObject({ alreadyInstalled: true, tensorflow: '2.0.0', folder: target });
    expect(machine.programs).toEqual(WHEEL_STEPS);
    writeFileSync(join(target, 'leftover'), '');
    expect(await install({ force: true })).toMatchObject({ alreadyInstalled: false });
    expect(existsSync(join(target, 'leftover'))).toBe(false);
    expect(readdirSync(root)).toEqual([basename(target)]);
  });

  test('pip writes where the progress sees it, and gets the pinned version', async () => {
    const started: string[] = [];
    await install({
      progress: { ...silentProgress, start: (label, total, unit) => started.push(`${label}: ${total} ${unit}`) },
    });
    const { args, options } = machine.calls[1]!;
    expect(args).toContain('tensorflow-cpu==2.0.0');
    expect(options.env).toEqual({ TMPDIR: join(partialFolder(target), 'download') });
    expect(started.map((line) => line.split(':')[0])).toEqual([
      'npm packages',
      'tensorflow-cpu 2.0.0',
      'TensorFlow library',
      'Compiling the addon',
    ]);
  });
});

describe('what is missing is told before anything is downloaded', () => {
  const tool =
    (name: string, finished: Finished = NOT_FOUND): Instead =>
    ({ command }) =>
      command === name ? finished : undefined;

  afterEach(() => {
    expect(machine.calls).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
  });

  test.each([
    ['npm', 'npm was not found, and npm is needed.', 'install Node.js with npm'],
    ['python3', 'python3 was not found, and Python 3 is needed.', expect.stringContaining('apt install python3')],
    ['g++', 'g++ was not found, and a C++17 compiler is needed.', expect.stringContaining('apt install g++')],
  ])('%s', async (name, what, hint) => {
    machine.instead = tool(name);
    const error = await fails();
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ what, why: 'Nothing was downloaded.', hints: expect.arrayContaining([hint]) });
  });

  test('all of them at once', async () => {
    machine.instead = () => NOT_FOUND;
    expect((await fails()).what).toMatch(/npm was not found.*python3 was not found.*g\+\+ was not found/);
  });

  test('pip, or one that is too old', async () => {
    machine.instead = ({ args }) => (args.includes('pip') ? failure('No module named pip') : undefined);
    expect(await fails()).toMatchObject({ what: 'python3 has no pip, which downloads the wheel.' });
    machine.instead = ({ args }) =>
      args.includes('pip') ? { code: 0, found: true, stdout: 'pip 19.3.1 from here', output: '' } : undefined;
    expect(await fails()).toMatchObject({
      what: expect.stringContaining('has to be 20.3 or newer, and is "pip 19.3.1'),
      hints: ['python3 -m pip install --upgrade pip'],
    });
  });

  test('a compiler that has no headers, with its words; others by CXX and PYTHON', async () => {
    env = { ...env, CXX: 'clang++', PYTHON: 'python3.12' };
    machine.instead = ({ command }) =>
      command === 'clang++' ? failure("<stdin>:1:10: fatal error: 'string_view' file not found") : undefined;
    expect((await fails({ env })).what).toMatch(/clang\+\+ does not work.*'string_view' file not found/);
    machine.instead = tool('python3.12');
    expect((await fails({ env })).what).toContain('python3.12 was not found');
  });

  test('a wheel for the platform, glibc, room on the disk', async () => {
    expect(await fails({ machine: { ...LINUX, platform: 'win32-x64' } })).toMatchObject({
      what: 'There is no wheel to build on for win32-x64.',
      hints: ['osc engine install tensorflow'],
    });
    expect(await fails({ machine: { ...LINUX, glibc: null } })).toMatchObject({
      what: expect.stringContaining('needs the C library glibc 2.27 or newer'),
    });
    expect(await fails({ machine: { ...LINUX, glibc: '2.17' } })).toMatchObject({ why: 'Here is 2.17.' });
    expect(await fails({ machine: { ...LINUX, freeBytes: () => 1e6 } })).toMatchObject({
      what: expect.stringContaining('has not enough room'),
      why: expect.stringMatching(/needs \d+ MB for a while, and 1 MB are free/),
    });
  });
});

test('a folder of engines that cannot be is told', async () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  const error = await fails({ env: { OSC_ENGINES_DIR: join(file, 'engines') } });
  expect(error).toBeInstanceOf(UsageError);
  expect(error).toMatchObject({
    what: `Engines cannot be installed in ${join(file, 'engines')}.`,
    why: expect.stringContaining('ENOTDIR'),
    hints: [expect.stringContaining('OSC_ENGINES_DIR=')],
  });
  expect(machine.calls).toEqual([]);
});

test('without --from-wheel neither Python nor a compiler is needed', async () => {
  machine.instead = ({ command }) => (command === 'python3' || command === 'g++' ? NOT_FOUND : undefined);
  expect(await install({ fromWheel: false })).toMatchObject({ wheel: null, alreadyInstalled: false });
  expect(machine.programs).toEqual(['npm ci', 'npm rebuild', 'check']);
});

describe("where tfjs-node's own binary is out of reach", () => {
  const OUTPUT = `* Downloading libtensorflow
node:events:502
Error: getaddrinfo ENOTFOUND storage.example
npm error code 1
npm error A complete log of this run can be found in: /somewhere`;

  test('the wheel is offered, and needs no second download of the packages', async () => {
    machine.instead = ending('npm rebuild', failure(OUTPUT));
    const error = await fails({ fromWheel: false });
    expect(error).toBeInstanceOf(RunError);
    expect(error).toMatchObject({
      what: 'The binary of @tensorflow/tfjs-node could not be downloaded.',
      why: 'Its install script ended with: Error: getaddrinfo ENOTFOUND storage.example',
      hints: expect.arrayContaining(['osc engine install tensorflow --from-wheel']),
    });
    expect(existsSync(target)).toBe(false);
    await install();
    expect(machine.programs).toEqual(['npm ci', 'npm rebuild', 'pip', 'unpack', 'compile', 'check']);
  });

  test('also where the install script ends well without a binary', async () => {
    machine.instead = ending('npm rebuild', { code: 0, found: true, stdout: '', output: '' });
    expect(await fails({ fromWheel: false })).toMatchObject({
      what: expect.stringContaining('could not be downloaded'),
    });
  });
});

describe('a step that fails', () => {
  test.each([
    ['npm ci', 'npm could not install @tensorflow/tfjs-node.'],
    ['pip', 'pip could not download the wheel tensorflow_cpu-2.0.0.whl.'],
    ['unpack', 'The wheel tensorflow_cpu-2.0.0.whl could not be unpacked.'],
    ['compile', 'g++ could not compile the addon of @tensorflow/tfjs-node.'],
    ['check', '@tensorflow/tfjs-node was installed, but does not run here.'],
  ] as const)('%s: its words; nothing is installed; the next time goes on from there', async (program, what) => {
    machine.instead = ending(program, failure('first line\nthe cause'));
    const error = await fails();
    expect(error).toBeInstanceOf(RunError);
    expect(error).toMatchObject({ what, why: expect.stringContaining('the cause') });
    expect(existsSync(target)).toBe(false);
    expect(findPackage(env, root)).toBeNull();
    machine.instead = () => undefined;
    await install();
    const failedAt = WHEEL_STEPS.indexOf(program);
    // one that does not run is put together anew
    const again = program === 'check' ? WHEEL_STEPS : WHEEL_STEPS.slice(failedAt);
    expect(machine.programs).toEqual([...WHEEL_STEPS.slice(0, failedAt + 1), ...again]);
    expect(readdirSync(root)).toEqual([basename(target)]);
  });

  test('a wheel with another checksum is deleted, and both checksums are told', async () => {
    machine.instead = ({ program, args }) => {
      if (program !== 'pip') return undefined;
      writeFileSync(join(args[args.indexOf('--dest') + 1]!, 'tensorflow_cpu-2.0.0.whl'), 'something else');
      return { code: 0, found: true, stdout: '', output: '' };
    };
    const error = await fails();
    expect(error).toMatchObject({
      what: 'The wheel tensorflow_cpu-2.0.0.whl is not the one that was published.',
      why: expect.stringMatching(/SHA-256 is [0-9a-f]{64} and should be [0-9a-f]{64}\. It was deleted/),
    });
    expect(machine.programs).toEqual(['npm ci', 'pip']);
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(partialFolder(target)).sort()).toEqual([
      'node_modules',
      'package-lock.json',
      'package.json',
      'steps.json',
    ]);
  });

  test('a record that cannot be read counts as none', async () => {
    await install();
    writeFileSync(join(target, 'engine.json'), '{"pack');
    expect(await install()).toMatchObject({ alreadyInstalled: false });
  });

  test('with --force leaves what was there', async () => {
    await install();
    machine.instead = ending('compile', failure('no'));
    await fails({ force: true });
    expect(findPackage(env, root)).not.toBeNull();
    expect(await install()).toMatchObject({ alreadyInstalled: true });
  });
});

describe('stopping', () => {
  test('during a step: it is said, kept, and gone on from', async () => {
    const stop = new AbortController();
    machine.instead = ({ program }) => {
      if (program !== 'unpack') return undefined;
      stop.abort();
      return { code: null, found: true, stdout: '', output: '' }; // a killed program
    };
    expect(await fails({ signal: stop.signal })).toMatchObject({
      what: 'The installation was stopped.',
      why: `What is complete of it is kept in ${partialFolder(target)}.`,
      hints: ['osc engine install tensorflow --from-wheel'],
    });
    expect(existsSync(target)).toBe(false);
    machine.instead = () => undefined;
    await install();
    expect(machine.programs).toEqual(['npm ci', 'pip', 'unpack', 'unpack', 'compile', 'check']);
  });

  test('a process that installs already is named; one that was killed is not waited for', async () => {
    const lock = `${partialFolder(target)}.lock`;
    machine.instead = async ({ program }) => {
      if (program !== 'npm ci') return undefined;
      const holder = JSON.parse(readFileSync(lock, 'utf8')) as { pid: number };
      expect(holder.pid).toBe(process.pid);
      await expect(install()).rejects.toMatchObject({
        what: 'Another process is installing this engine.',
        why: expect.stringContaining(`process ${process.pid}`),
      });
      return undefined;
    };
    await install();
    expect(existsSync(lock)).toBe(false);
    // a process number that no system gives
    writeFileSync(lock, readLockOf(2 ** 30));
    machine.instead = () => undefined;
    expect(await install({ force: true })).toMatchObject({ alreadyInstalled: false });
  });
});

function readLockOf(pid: number): string {
  return JSON.stringify({ host: hostname(), pid });
}
