/**
 * The engine `tensorflow` as it is installed: the fixtures, and training beside the engine `cpu`. Everything runs in
 * processes of their own on dist/: jest's resolution does not ask the hook that gives tfjs-node the running tfjs-core.
 * jest.config.mjs leaves this folder out unless OSC_TEST_ENGINE=tensorflow: CI installs the engine and sets it.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, runJson } from '../e2e/run-cli';
import { TINY, workingDirectory } from '../e2e/training';
import { Fixture } from '../parity/fixture';
import { fixtureFiles } from '../parity/run';

const ROOT = join(__dirname, '../..');
const FIXTURES = join(ROOT, '../shared/parity/fixtures');
const MINUTES = 60_000;

describe('fixtures', () => {
  const fixtures = existsSync(FIXTURES) ? fixtureFiles(FIXTURES).map((file) => Fixture.read(file)!) : [];
  /** Line of the parity program by the fixture's name. */
  const lines = new Map<string, string>();
  let output = '';

  beforeAll(async () => {
    if (fixtures.length === 0) return;
    const program = [join(ROOT, '.scripts/parity.mjs'), FIXTURES, '--engine', 'tensorflow'];
    output = await new Promise((resolve) => {
      execFile(process.execPath, program, { cwd: ROOT }, (_, stdout, stderr) => resolve(stdout + stderr));
    });
    for (const line of output.split('\n')) {
      const name = /^(?:pass|FAIL|skip) {2}(\S+)/.exec(line)?.[1];
      if (name !== undefined) lines.set(name, line);
    }
  }, 5 * MINUTES);

  if (fixtures.length === 0) it.skip(`there is no ${FIXTURES}`, () => undefined);
  for (const fixture of fixtures) {
    it(fixture.name, () => {
      const line = lines.get(fixture.name);
      if (line === undefined) throw new Error(`The parity program said nothing of it:\n${output}`);
      expect(line).toMatch(/^pass /);
    });
  }
});

interface Session {
  readonly engine: { readonly name: string; readonly threads: number; readonly device: string };
}

describe('training', () => {
  const place = workingDirectory();
  const STEPS = 5;

  async function train(engine: string, ...args: string[]): Promise<{ losses: number[][]; session: Session }> {
    const overrides = [...TINY, `engine.name=${engine}`, 'training.num_epochs=1', ...args];
    const { runDir } = await runJson<{ runDir: string }>(['train', ...overrides], place);
    const steps = readFileSync(join(runDir, 'metrics.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>)
      .filter((line) => 'lr' in line)
      .slice(0, STEPS);
    const environment = JSON.parse(readFileSync(join(runDir, 'environment.json'), 'utf8')) as { sessions: Session[] };
    return {
      losses: steps.map((line) => [line['l_global/train']!, line['l_objects/train']!]),
      session: environment.sessions[0]!,
    };
  }

  it.each([
    [[]],
    [['--plugin', 'kmeans_euclidean']],
    [['model/obj_fn=cross_attention', 'losses/l_objects=ctr_all']],
    [['model/obj_queries=sample', 'losses/l_global=sim', 'losses/l_objects=sim_img']],
  ])(
    'has the losses of the engine cpu over five steps: %j',
    async (args) => {
      const expected = await train('cpu', ...args);
      const { losses } = await train('tensorflow', ...args);
      expect(losses).toHaveLength(STEPS);
      for (const [step, pair] of losses.entries()) {
        for (const [i, loss] of pair.entries()) {
          expect(Math.abs(loss - expected.losses[step]![i]!)).toBeLessThanOrEqual(1e-4);
        }
      }
    },
    5 * MINUTES,
  );

  it(
    'names the device in environment.json, and takes the number of threads',
    async () => {
      const { session } = await train('tensorflow', 'engine.threads=1');
      expect(session.engine).toEqual({
        name: 'tensorflow',
        threads: 1,
        device: expect.stringMatching(/^\S.* \(TensorFlow \d+\.\d+\.\d+.*\)$/),
      });
    },
    5 * MINUTES,
  );
});

test('where it is not installed, training names the command', async () => {
  const { cwd } = workingDirectory();
  const env = { OSC_ENGINES_DIR: mkdtempSync(join(tmpdir(), 'osc-engines-')) };
  const { code, stderr } = await runCli(['train', ...TINY, 'engine.name=tensorflow'], { cwd, env });
  expect(code).toBe(2);
  expect(stderr).toContain('The engine "tensorflow" is not installed.');
  expect(stderr).toContain('Try: osc engine install tensorflow\n');
});
