#!/usr/bin/env node
// SLURM's programs for tests: jobs really run, two at once, and what a program answers can be written beforehand. Called by the
// names of SLURM's programs; all it knows lies in the folder $FAKE_SLURM.
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';

const folder = process.env.FAKE_SLURM;
const program = basename(process.argv[1]);
const args = process.argv.slice(2);
const entries = join(folder, 'entries');

const flag = (name) => args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const read = (entry) => JSON.parse(readFileSync(join(entries, entry), 'utf8'));
const write = (entry, value) => {
  writeFileSync(join(folder, `${entry}.new`), JSON.stringify(value));
  renameSync(join(folder, `${entry}.new`), join(entries, entry));
};
/** Who takes an entry first may change it: it is started, or cancelled. */
const claim = (name) => {
  try {
    mkdirSync(join(folder, 'claims', name), { recursive: false });
    return true;
  } catch {
    return false;
  }
};
const expand = (text) =>
  text.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });

function sbatch() {
  if (args.includes('--test-only')) return;
  let id = 100;
  while (!claim(`array-${id}`)) id++;
  const indices = expand(flag('array').split('%')[0]);
  const script = args.at(-1);
  for (const index of indices) write(`${id}_${index}`, { state: 'PENDING', reason: 'Resources', script });
  const options = { id, indices, script, chdir: flag('chdir'), output: flag('output') };
  spawn(process.execPath, [join(process.argv[1], '../scheduler'), JSON.stringify(options)], {
    detached: true,
    stdio: 'ignore',
  }).unref();
  console.log(id);
}

async function scheduler() {
  const { id, indices, script, chdir, output } = JSON.parse(args[0]);
  const next = async () => {
    const index = indices.shift();
    if (index === undefined) return;
    const entry = `${id}_${index}`;
    if (claim(entry)) await run(entry, index);
    await next();
  };
  const run = (entry, index) =>
    new Promise((resolve) => {
      const log = output.replace(/%(%|(\d)a)/g, (_, what, digits) =>
        what === '%' ? '%' : String(index).padStart(Number(digits), '0'),
      );
      const file = openSync(log, 'a');
      const env = {
        ...process.env,
        SLURM_ARRAY_JOB_ID: String(id),
        SLURM_ARRAY_TASK_ID: String(index),
        SLURM_JOB_ID: String(id + index),
      };
      const child = spawn('/bin/bash', [script], { cwd: chdir, env, stdio: ['ignore', file, file] });
      write(entry, { state: 'RUNNING', reason: 'None', script, pid: child.pid });
      child.on('exit', (code) => {
        write(entry, { state: code === 0 ? 'COMPLETED' : 'FAILED', reason: 'None', script });
        resolve();
      });
    });
  await Promise.all([next(), next()]);
}

function squeue() {
  const wanted = flag('jobs')?.split(',');
  for (const entry of readdirSync(entries)) {
    const [array] = entry.split('_');
    if (wanted !== undefined && !wanted.includes(array)) continue;
    const { state, reason, script } = read(entry);
    console.log(wanted === undefined ? `${array}|${script}` : `${entry}|${state}|${reason}`);
  }
}

function scancel() {
  const [, array, list] = /^(\d+)_\[(.*)\]$/.exec(args.at(-1));
  for (const index of expand(list)) {
    const entry = `${array}_${index}`;
    if (args.includes('--state=PENDING')) {
      if (claim(entry)) write(entry, { ...read(entry), state: 'CANCELLED' });
    } else {
      const { state, pid } = read(entry);
      if (state === 'RUNNING') process.kill(pid, `SIG${flag('signal')}`);
    }
  }
}

function scontrol() {
  if (args[1] === 'config') console.log('MaxArraySize            = 1001');
  else if (args[1] === 'job') console.log('JobState=RUNNING PreemptTime=None EndTime=Unknown');
  else {
    console.error('not today');
    process.exitCode = 1;
  }
}

function sacct() {
  console.error('Slurm accounting storage is disabled');
  process.exitCode = 1;
}

if (program !== 'scheduler') {
  appendFileSync(join(folder, 'calls.jsonl'), `${JSON.stringify([program, ...args])}\n`);
}
const written = join(folder, `${program}.json`);
if (existsSync(written)) {
  const { code = 0, stdout = '', stderr = '', hang = false } = JSON.parse(readFileSync(written, 'utf8'));
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = code;
  if (hang) globalThis.setTimeout(() => undefined, 60_000);
} else {
  await { sbatch, scheduler, squeue, scancel, scontrol, sacct }[program]();
}
