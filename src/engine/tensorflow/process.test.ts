import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastLines, runProcess } from './process';

const node = (script: string, options = {}) => runProcess(process.execPath, ['-e', script], options);

test('a program that is not there', async () => {
  expect(await runProcess('osc-no-such-program', [])).toEqual({ code: null, found: false, stdout: '', output: '' });
});

test('code, output, input, environment, folder', async () => {
  const script = `
    process.stdin.on('data', (text) => console.log(text + process.env.WORD + process.cwd()));
    process.stdin.on('end', () => { console.error('done'); process.exitCode = 3; });`;
  const finished = await node(script, { input: 'in ', env: { WORD: 'env ' }, cwd: '/' });
  expect(finished).toMatchObject({ code: 3, found: true, stdout: 'in env /\n' });
  expect(finished.output).toContain('done');
});

test('one that reads nothing of its input', async () => {
  expect(await node('process.exit(0)', { input: 'x'.repeat(1e6) })).toMatchObject({ code: 0 });
});

test('only the end of much output is kept for messages', async () => {
  const { output } = await node(`console.log('x'.repeat(1e5)); console.log('the end')`);
  expect(output.length).toBe(20_000);
  expect(output.endsWith('the end\n')).toBe(true);
});

test('is killed with what it has started', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'osc-process-'));
  const pidFile = join(folder, 'pid');
  const stop = new AbortController();
  // a child that would live for a minute
  const script = `
    const child = require('child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'inherit' });
    require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));`;
  const running = node(script, { signal: stop.signal });
  while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '')
    await new Promise((next) => setTimeout(next, 10));
  stop.abort();
  await running; // the child has its pipes: it would not end before
  rmSync(folder, { recursive: true });
}, 20_000);

test('the last words', () => {
  const said = (output: string) => lastLines({ code: 1, found: true, stdout: '', output }, 2);
  expect(said('a\n\n b \nc\n')).toBe('It said: b | c');
  expect(said(' \n')).toBe('It said nothing.');
});
