#!/usr/bin/env node
/**
 * Builds the modules of the `wasm` engine from the C++ sources of `native`: `npm run build:wasm`. What it writes is
 * committed, so that nobody else needs the compiler (Zig's clang, from PyPI; needs python3 with venv).
 *
 * `--check` builds nothing: it exits 1 where the modules are not those of the sources, or of this file.
 */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = path.dirname(fileURLToPath(import.meta.url));
const sources = path.join(here, '../native/cpp');
const record = path.join(here, 'sources.json');

const ZIG = '0.15.2';
/** SHA-256 of its wheels for Linux (x86-64, ARM64), macOS (x86-64, ARM64) and Windows (x86-64, ARM64). */
const WHEELS = [
  '806316453d1ede7174ed3fefb8e5348154629089c3bb5fe812dfd0e172fac130',
  'edc0aa60ec964a4cf462d40f68d7de242ddf37fd9a80f2afaee6397059463230',
  '47af4f85e3e59bd672126cc026d3a01b516cad24b9a9ea075abfe8532f4c6bc1',
  'acae2a9ce67ed249ad68d42c21bc73b5f9d51a33ba5ea42f609f78683e8d9bb7',
  'ca80dc9c70dbdfdd9ee51d000de3501a95d33d9782ab9ab9b56f700484ebcd83',
  'a81ebfc61e1b7aa43a33add23f93b98954d757434f894eb21bd40b176b6688aa',
];

const FORMS = [
  { name: 'simd', flags: [] },
  { name: 'relaxed', flags: ['-mrelaxed-simd'] },
];
const COMPILED = ['kernels', 'call', 'context', 'ops', 'wasm'].map((name) => `${name}.cc`);
const FLAGS = [
  ...['-target', 'wasm32-freestanding', '-std=c++17', '-O3', '-fno-exceptions', '-fno-rtti'],
  ...['-ffp-contract=fast', '-fno-math-errno', '-fno-trapping-math', '-fno-threadsafe-statics', '-fno-sanitize=all'],
  ...['-DOSC_WIDTH=4', '-DOSC_ISA=BASE'],
  ...['-msimd128', '-matomics', '-mbulk-memory', '-mnontrapping-fptoint', '-msign-ext'],
];
/** `initial-memory` is known to module.ts: 4 MB; the largest memory: 65535 pages. */
const LINK = [
  ...['--no-entry', '--import-memory', '--shared-memory', '--initial-memory=4194304', '--max-memory=4294901760'],
  ...['--export=__stack_pointer', '-z,stack-size=262144', '--strip-all'],
].map((flag) => `-Wl,${flag}`);

const moduleOf = (form) => path.join(here, `osc-${form}.wasm`);
const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** What the modules are made of, and the modules. */
function state() {
  const headers = readdirSync(sources).filter((name) => /\.(h|def)$/.test(name));
  const hash = createHash('sha256').update(JSON.stringify([ZIG, FLAGS, LINK, FORMS]));
  for (const name of [...headers, ...COMPILED].sort()) hash.update(name).update(readFileSync(path.join(sources, name)));
  const modules = Object.fromEntries(
    FORMS.map(({ name }) => [name, existsSync(moduleOf(name)) ? sha256(moduleOf(name)) : null]),
  );
  return { sources: hash.digest('hex'), modules };
}

const text = (value) => JSON.stringify(value, null, 2) + '\n';

/** A Python that has Zig, kept beside other caches. */
function pythonWithZig() {
  const venv = path.join(here, '../../../node_modules/.cache', `osc-ziglang-${ZIG}`);
  const python = path.join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const complete = path.join(venv, 'complete');
  if (existsSync(complete)) return python;
  console.log(`Installing ziglang ${ZIG} …`);
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(venv, { recursive: true });
  const run = (command, ...args) => execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  run(process.env.PYTHON ?? 'python3', '-m', 'venv', venv);
  const requirements = path.join(venv, 'requirements.txt');
  writeFileSync(requirements, `ziglang==${ZIG} ${WHEELS.map((hash) => `--hash=sha256:${hash}`).join(' ')}\n`);
  run(python, '-m', 'pip', 'install', '--quiet', '--only-binary=:all:', '--require-hashes', '-r', requirements);
  writeFileSync(complete, '');
  return python;
}

async function build() {
  const python = pythonWithZig();
  const started = performance.now();
  await Promise.all(
    FORMS.map(async ({ name, flags }) => {
      const work = `${moduleOf(name)}.new`;
      const args = [...FLAGS, ...flags, ...LINK, ...COMPILED, '-o', work];
      await promisify(execFile)(python, ['-m', 'ziglang', 'c++', ...args], { cwd: sources });
      renameSync(work, moduleOf(name));
    }),
  );
  writeFileSync(record, text(state()));
  console.log(`Built the modules of the wasm engine in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
}

if (process.argv.includes('--check')) {
  if (!existsSync(record) || readFileSync(record, 'utf8') !== text(state())) {
    console.error('The modules of the wasm engine are not those of its sources: run npm run build:wasm.');
    process.exitCode = 1;
  }
} else {
  await build();
}
