/** Inputs run in processes of their own: one that takes all memory, or never ends, takes nobody with it. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';

/** In memory, where there is such a place: files are written for every input. */
const TEMPORARY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const SILENT_MS = 10_000;
/** Starting takes longer than an input. */
const START_MS = 60_000;

/** @returns for each file `{ file, verdict, text, ms }` */
export async function runFiles(target, files) {
  const results = [];
  for (let rest = files; rest.length > 0; rest = files.slice(results.length)) {
    const end = await startWorker(target, ['--files', ...rest], (line) => results.push(line));
    if (end === undefined) break;
    if (end.bytes === undefined) throw new Error(end.why);
    results.push({ file: basename(files[results.length]), verdict: 'failure', text: end.why });
  }
  return results;
}

/** @returns undefined, or why the process ended and the input it was at (undefined where it was at none) */
export async function startWorker(name, args, onLine, onPass = () => {}) {
  const folder = mkdtempSync(join(TEMPORARY, 'osc-fuzz-'));
  const worker = join(import.meta.dirname, 'worker.mjs');
  const child = spawn(process.execPath, ['--max-old-space-size=512', worker, name, folder, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (errors = (errors + text).slice(-2000)));
  let hangs = false;
  const giveUp = () => {
    hangs = true;
    child.kill('SIGKILL');
  };
  let timer = setTimeout(giveUp, START_MS);
  const passed = (text) => {
    const after = text.replace(/^\.+/, '');
    for (let n = text.length - after.length; n > 0; n--) onPass();
    return after;
  };
  let rest = '';
  child.stdio[3].setEncoding('utf8').on('data', (text) => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, SILENT_MS);
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) onLine(JSON.parse(passed(line)));
    rest = passed(rest);
  });
  const [code, signal] = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...end) => resolve(end));
  });
  clearTimeout(timer);
  const bytes = currentInput(folder);
  rmSync(folder, { recursive: true, force: true });
  if (code === 0) return undefined;
  const why = hangs
    ? `nothing came for ${SILENT_MS / 1000} s`
    : `the process ended with ${signal ?? `code ${code}`}: ${errors}`;
  return { why, bytes };
}

function currentInput(folder) {
  try {
    return readFileSync(join(folder, 'current'));
  } catch {
    return undefined;
  }
}
