/** An installation where the addon of the engine native could not be built. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPacked } from './installation';
import { runCli, runJson } from './run-cli';
import { TINY, workingDirectory } from './training';

const { bin } = installPacked();
const place = workingDirectory();
// where no engine tensorflow is, either
const options = { ...place, bin, env: { ...place.env, OSC_ENGINES_DIR: join(place.cwd, 'engines') } };

test('engine.name=native: code 2, before there is a run directory, and how to get it', async () => {
  const runDir = join(place.cwd, 'run');
  const { code, stderr } = await runCli(['train', ...TINY, 'engine.name=native', '--run-dir', runDir], options);
  expect(code).toBe(2);
  expect(stderr).toContain('The engine native cannot run here.');
  expect(stderr).toContain('Its addon has not been built.');
  expect(stderr).toContain('npm rebuild osc-trainer');
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(readdirSync(place.cwd)).toEqual([]);
});

test('engine.name=auto trains with wasm, and says in a line why, and how to get the faster one', async () => {
  const runDir = join(place.cwd, 'auto');
  const args = ['train', ...TINY, 'engine.name=auto', 'training.num_epochs=1', '--run-dir', runDir];
  const { code, stderr } = await runCli(args, options);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const why = /the fastest that is usable here \(.*native: its addon has not been built\)\..*npm rebuild osc-trainer\./;
  const line = stderr.split('\n').find((text) => text.includes('engine.name=auto took wasm: '));
  expect(line).toMatch(why);
  const { sessions } = JSON.parse(readFileSync(join(runDir, 'environment.json'), 'utf8')) as {
    sessions: { engine: { name: string; device: string; why: string } }[];
  };
  expect(sessions).toHaveLength(1);
  const { engine } = sessions[0]!;
  expect(engine).toMatchObject({ name: 'wasm', device: expect.stringMatching(/^WebAssembly/) });
  expect(engine.why).toMatch(why);
});

test('osc doctor says the same', async () => {
  const { auto, engines } = await runJson<{
    auto: { engine: string };
    engines: { name: string; usable: boolean; improve: string }[];
  }>(['doctor'], options);
  expect(auto.engine).toBe('wasm');
  expect(engines.find(({ name }) => name === 'native')).toMatchObject({
    usable: false,
    found: 'its addon has not been built',
    improve: expect.stringContaining('npm rebuild osc-trainer'),
  });
});
