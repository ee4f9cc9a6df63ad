#!/usr/bin/env node
/**
 * Builds the addon of the `native` engine with the system's C++ compiler. Runs on `npm install` and as
 * `npm run build:native`; plain JavaScript, as nothing of ours is built yet.
 *
 * Where the addon cannot be built, osc runs on the `wasm` engine: this says so in a line and, on install, exits 0.
 */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const sources = path.join(here, 'cpp');
/** Beside package.json: `dist` is rebuilt often, the addon is not. */
const output = path.join(here, '../../../.native');
const addon = path.join(output, `osc-${process.platform}-${process.arch}.node`);

/** Hash of all sources: the loader compares it with the one that is compiled in. */
export function sourceHash() {
  const hash = createHash('sha256');
  for (const name of readdirSync(sources).sort()) hash.update(name).update(readFileSync(path.join(sources, name)));
  return hash.digest('hex').slice(0, 16);
}

const X64_SETS = [
  {
    name: 'AVX512',
    width: 16,
    flags: ['-mavx512f', '-mavx512dq', '-mavx512bw', '-mavx512vl', '-mfma', '-mprefer-vector-width=512'],
  },
  { name: 'AVX2', width: 8, flags: ['-mavx2', '-mfma'] },
  { name: 'BASE', width: 4, flags: [] },
];
const sets = process.arch === 'x64' ? X64_SETS : [X64_SETS[2]];

const FLAGS = [
  '-std=c++17',
  '-O3',
  '-fPIC',
  '-fno-exceptions',
  '-fno-rtti',
  '-ffp-contract=fast',
  '-fno-math-errno',
  '-fno-trapping-math',
];

class CannotBuild extends Error {
  /** @param said the compiler's words */
  constructor(why, said = '') {
    super(why);
    this.said = said;
  }
}

/** The compiler's program, and what comes before its arguments: CXX may be `ccache g++`, as make has it, or a path with spaces. */
function compiler() {
  const own = process.env.CXX?.trim();
  const commands = own ? [[own], own.split(/\s+/)] : [['g++'], ['clang++'], ['c++']];
  const works = ([name, ...first]) => spawnSync(name, [...first, '--version'], { stdio: 'ignore' }).status === 0;
  const found = commands.find(works);
  const names = own ? own : commands.flat().join(', ');
  if (!found) throw new CannotBuild(`there is no C++ compiler (looked for ${names})`);
  return found;
}

function headers() {
  try {
    return createRequire(import.meta.url)('node-api-headers').include_dir;
  } catch {
    throw new CannotBuild('the package node-api-headers is missing');
  }
}

async function build({ sanitize = false } = {}) {
  if (process.platform === 'win32') throw new CannotBuild('it has no form for Windows yet');
  const [[cxx, ...first], include, hash] = [compiler(), headers(), sourceHash()];
  mkdirSync(output, { recursive: true });
  const work = path.join(output, `build-${process.pid}`);
  rmSync(work, { recursive: true, force: true }); // of a build that was killed
  mkdirSync(work);
  try {
    const extra = sanitize ? ['-fsanitize=address', '-g', '-O1'] : [];
    const object = (name) => path.join(work, `${name}.o`);
    const jobs = [
      ...sets.map(({ name, width, flags }) => [
        'kernels.cc',
        name,
        [`-DOSC_WIDTH=${width}`, `-DOSC_ISA=${name}`, '-Wno-psabi', ...flags],
      ]),
      ...['binding', 'call', 'context', 'ops', 'pool'].map((name) => [
        `${name}.cc`,
        name,
        [`-I${include}`, `-DOSC_SOURCE_HASH="${hash}"`],
      ]),
    ];
    const run = promisify(execFile);
    const queue = [...jobs];
    const compileAll = async () => {
      for (let job = queue.shift(); job; job = queue.shift()) {
        const [source, name, flags] = job;
        await run(cxx, [...first, ...FLAGS, ...extra, ...flags, '-c', path.join(sources, source), '-o', object(name)]);
      }
    };
    await Promise.all(Array.from({ length: Math.min(os.availableParallelism(), jobs.length) }, compileAll));
    const linked = path.join(work, 'linked.node');
    const undefinedSymbols = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : [];
    await run(cxx, [
      ...first,
      '-shared',
      ...extra,
      ...undefinedSymbols,
      ...jobs.map(([, name]) => object(name)),
      '-o',
      linked,
      '-lpthread',
    ]);
    const target = sanitize ? addon.replace('.node', '-asan.node') : addon;
    renameSync(linked, target);
    return target;
  } catch (error) {
    if (error.stderr === undefined) throw error;
    throw new CannotBuild(
      `${[cxx, ...first].join(' ')} failed`,
      error.stderr.trim().split('\n').slice(0, 20).join('\n'),
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  const start = Date.now();
  try {
    const target = await build({ sanitize: process.argv.includes('--sanitize') });
    console.log(
      `Built the native engine in ${((Date.now() - start) / 1000).toFixed(1)} s: ${path.relative(process.cwd(), target)}`,
    );
  } catch (error) {
    // whatever it is (.native that cannot be written, too): it must not end the installation of the project
    if (error.said) console.log(error.said);
    const [why] = error.message.split('\n');
    console.log(
      `osc: the native engine could not be built, as ${why}. The wasm engine is used instead, at about half the speed; ` +
        'install a C++ compiler (Debian: apt install g++; macOS: xcode-select --install) and run "npm rebuild osc-trainer".',
    );
    if (process.argv.includes('--strict')) process.exitCode = 1;
  }
}
