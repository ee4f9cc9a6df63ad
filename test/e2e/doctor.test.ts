import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AUTO, ENGINES } from '../../src/engine';
import type { Diagnosis } from '../../src/engine/doctor';
import { runCli, runJson } from './run-cli';

const cwd = mkdtempSync(join(tmpdir(), 'osc-doctor-'));
const names = ENGINES.map(({ name }) => name);

test('osc doctor --json: every engine, the machine, the choice of auto', async () => {
  const { node, machine, engines, auto, problems, threads } = await runJson<Diagnosis>(['doctor'], { cwd });
  expect(node).toEqual({ version: process.versions.node, needs: '>=20.19.0', isNewEnough: true });
  expect(engines.map(({ name }) => name)).toEqual(names);
  expect(names).toContain(auto!.engine);
  expect(machine).toMatchObject({ architecture: process.arch, platform: process.platform });
  expect(threads).toBeGreaterThanOrEqual(1);
  expect(problems).toEqual([]);
});

test('osc doctor: in words, and quick enough to be run before anything else', async () => {
  const { stdout, stderr, code } = await runCli(['doctor'], { cwd });
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  for (const name of names) expect(stdout).toMatch(new RegExp(`^${name} +(yes|no) +what +\\w`, 'm'));
  expect(stdout).toMatch(/^Node +\S+, new enough: >=20\.19\.0 is needed$/m);
  expect(stdout).toMatch(/^engine\.name=auto takes \S+: the fastest .*\.$/m);
});

test('what auto takes is among the engines that plugins list has', async () => {
  const { auto } = await runJson<Diagnosis>(['doctor'], { cwd });
  const { components } = await runJson<{ components: { kind: string; name: string }[] }>(['plugins', 'list'], { cwd });
  const listed = components.filter(({ kind }) => kind === 'engine').map(({ name }) => name);
  expect(listed.sort()).toEqual([AUTO, ...names].sort());
  expect(listed).toContain(auto!.engine);
});

describe('the instruction set of native', () => {
  const ask = async (set: string) => {
    const { machine, engines, auto } = await runJson<Diagnosis>(['doctor'], { cwd, env: { OSC_INSTRUCTION_SET: set } });
    return { machine, auto, native: engines.find(({ name }) => name === 'native')! };
  };

  test('is the one that the processor says to have', async () => {
    const { machine, native } = await ask('');
    const set = machine.instructionSet === 'baseline' ? 'SSE2' : machine.instructionSet;
    expect(native.found).toBe(`addon for ${process.platform}-${process.arch}, takes ${set}`);
  });

  test('or that of OSC_INSTRUCTION_SET, and doctor says so', async () => {
    const { native } = await ask('BASE');
    expect(native).toMatchObject({ usable: true });
    expect(native.found).toMatch(/, takes (SSE2|NEON), as OSC_INSTRUCTION_SET says$/);
  });

  test('one that is not there is said, and auto does not take native', async () => {
    const { native, auto } = await ask('AVX1024');
    expect(native).toMatchObject({
      usable: false,
      found: 'OSC_INSTRUCTION_SET is "AVX1024", which this processor does not have',
      improve: expect.stringMatching(/^Set OSC_INSTRUCTION_SET to one of .*BASE, or to nothing\.$/),
    });
    expect(auto!.engine).not.toBe('native');
  });
});
