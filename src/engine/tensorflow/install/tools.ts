/** The programs that an installation needs; all are tried before anything is downloaded. */
import { UsageError } from '../../../sdk/errors';
import { lastLines, type Run } from '../process';

export interface Tools {
  readonly npm: string;
  readonly python: string;
  readonly compiler: string;
}

/** `CXX` and `PYTHON` name others, as for node-gyp. */
export function toolsOf(env: NodeJS.ProcessEnv = process.env): Tools {
  return { npm: 'npm', python: env['PYTHON'] || 'python3', compiler: env['CXX'] || 'g++' };
}

/** The first that knows the tags of the wheels (PEP 600). */
const PIP_MAJOR = 20;
const PIP_MINOR = 3;

/** What is wrong with a tool, and what mends it. */
interface Problem {
  readonly what: string;
  readonly hints: readonly string[];
}

/** @throws UsageError that names every tool that is missing or does not work, and how to get it */
export async function checkTools(tools: Tools, fromWheel: boolean, run: Run): Promise<void> {
  const checks = [checkNpm, ...(fromWheel ? [checkPython, checkCompiler] : [])];
  const problems = (await Promise.all(checks.map((check) => check(tools, run)))).filter((problem) => problem !== null);
  if (problems.length === 0) return;
  throw new UsageError(
    problems.map(({ what }) => what).join(' '),
    'Nothing was downloaded.',
    problems.flatMap(({ hints }) => hints),
  );
}

async function checkNpm({ npm }: Tools, run: Run): Promise<Problem | null> {
  const result = await run(npm, ['--version']);
  if (result.code === 0) return null;
  return { what: broken(npm, 'npm', result.found ? lastLines(result) : null), hints: ['install Node.js with npm'] };
}

async function checkPython({ python }: Tools, run: Run): Promise<Problem | null> {
  const version = await run(python, ['--version']);
  if (version.code !== 0) {
    return {
      what: broken(python, 'Python 3', version.found ? lastLines(version) : null),
      hints: [
        'apt install python3 python3-pip, or what does the same here',
        'PYTHON=/path/to/python3 in the environment',
      ],
    };
  }
  const pip = await run(python, ['-m', 'pip', '--version']);
  if (pip.code !== 0) {
    return {
      what: `${python} has no pip, which downloads the wheel.`,
      hints: [`apt install python3-pip, or ${python} -m ensurepip`],
    };
  }
  const [, major, minor] = /pip (\d+)\.(\d+)/.exec(pip.stdout) ?? [];
  if (Number(major) > PIP_MAJOR || (Number(major) === PIP_MAJOR && Number(minor) >= PIP_MINOR)) return null;
  return {
    what: `The pip of ${python} has to be ${PIP_MAJOR}.${PIP_MINOR} or newer, and is "${pip.stdout.trim()}".`,
    hints: [`${python} -m pip install --upgrade pip`],
  };
}

/** C++17, and its headers: some systems have the one without the other. */
async function checkCompiler({ compiler }: Tools, run: Run): Promise<Problem | null> {
  const result = await run(compiler, ['-std=c++17', '-fsyntax-only', '-x', 'c++', '-'], {
    input: '#include <string_view>\nstd::string_view probe;\n',
  });
  if (result.code === 0) return null;
  return {
    what: broken(compiler, 'a C++17 compiler', result.found ? lastLines(result) : null),
    hints: ['apt install g++, or what does the same here', 'CXX=/path/to/compiler in the environment'],
  };
}

function broken(command: string, what: string, said: string | null): string {
  return said === null
    ? `${command} was not found, and ${what} is needed.`
    : `${command} does not work, and ${what} is needed. ${said}`;
}
