/** Programs that do what the real ones would, on an empty folder and without a network. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finished, Run, RunOptions } from '../process';
import type { Wheel } from './wheels';

/** What the fake pip downloads. */
export const WHEEL_CONTENT = 'a wheel';

export const FAKE_WHEEL: Wheel = {
  project: 'tensorflow-cpu',
  version: '2.0.0',
  file: 'tensorflow_cpu-2.0.0.whl',
  sha256: '69f51477f05c46bfa5ff0027a1fcde274695311a38adfb85611ffeb93c8b146b',
  bytes: WHEEL_CONTENT.length,
  unpackedBytes: 2,
  platform: 'manylinux_2_27_x86_64',
  python: '3.11',
};

export type ProgramName = 'npm ci' | 'npm rebuild' | 'pip' | 'unpack' | 'compile' | 'check' | 'tool';

export interface Call {
  readonly program: ProgramName;
  readonly command: string;
  readonly args: readonly string[];
  readonly options: RunOptions;
}

const SUCCESS: Finished = { code: 0, found: true, stdout: '', output: '' };
export const NOT_FOUND: Finished = { code: null, found: false, stdout: '', output: '' };
export const failure = (output: string): Finished => ({ code: 1, found: true, stdout: '', output });

/** What a program does instead of its work; undefined: its work. */
export type Instead = (call: Call) => Finished | undefined | Promise<Finished | undefined>;

function programOf(command: string, args: readonly string[]): ProgramName {
  if (args[0] === 'ci') return 'npm ci';
  if (args[0] === 'rebuild') return 'npm rebuild';
  if (args.includes('download')) return 'pip';
  if (args[0] === '-I') return 'unpack';
  if (args[0] === '-shared') return 'compile';
  return command === process.execPath ? 'check' : 'tool';
}

export class FakeMachine {
  /** Everything that was run, but the trying of tools. */
  readonly calls: Call[] = [];
  instead: Instead = () => undefined;

  get programs(): ProgramName[] {
    return this.calls.map(({ program }) => program);
  }

  readonly run: Run = async (command, args, options = {}) => {
    const call: Call = { program: programOf(command, args), command, args, options };
    if (call.program !== 'tool') this.calls.push(call);
    return (await this.instead(call)) ?? this.work(call);
  };

  private work({ program, args, options }: Call): Finished {
    const cwd = options.cwd ?? '';
    if (program === 'npm ci') mkdirSync(join(cwd, 'node_modules/@tensorflow/tfjs-node'), { recursive: true });
    if (program === 'npm rebuild') writeAddon(join(cwd, 'node_modules/@tensorflow/tfjs-node'));
    if (program === 'pip') writeFileSync(join(args[args.indexOf('--dest') + 1]!, FAKE_WHEEL.file), WHEEL_CONTENT);
    if (program === 'unpack') mkdirSync(join(args[3]!, 'lib'), { recursive: true });
    if (program === 'compile') writeAddon(cwd);
    if (program === 'check') return { ...SUCCESS, stdout: '{"version":"2.0.0","onGpu":false,"threads":2}\n' };
    return { ...SUCCESS, stdout: 'pip 25.0 from here (python 3.12)' };
  }
}

function writeAddon(packageFolder: string): void {
  mkdirSync(join(packageFolder, 'lib/napi-v8'), { recursive: true });
  writeFileSync(join(packageFolder, 'lib/napi-v8/tfjs_binding.node'), '');
}
