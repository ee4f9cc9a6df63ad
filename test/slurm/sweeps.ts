/** Sweeps as a user runs them, with the built `osc`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, runJson, type CliResult } from '../e2e/run-cli';
import { checkpointsOf, resultOf, TINY, workingDirectory } from '../e2e/training';
import { slurm, until } from './cluster';

interface Status {
  readonly status: string;
  readonly counts: Record<string, number>;
  readonly jobs: readonly { readonly state: string; readonly attempts: number; readonly reason?: string | null }[];
}

/** Of TINY's choices a sweep makes some itself. */
const TRAINING = [
  ...TINY.filter((override) => !override.startsWith('model.backbone.embed_dim=')),
  'training.callbacks=[]',
  'engine.threads=1',
];
const SWEEP = ['train', '-m', ...TRAINING, 'launcher=slurm'];

export function testSweeps(): void {
  describe('by osc', sweeps);
}

function sweeps(): void {
  const { cwd, env } = workingDirectory();
  // jest's process.env, where SLURM_CONF is set, and nothing of jest's own
  const options = (): Parameters<typeof runCli>[1] => ({ cwd, env: { ...env, SLURM_CONF: process.env.SLURM_CONF } });
  const osc = (...args: string[]): Promise<CliResult> => runCli(args, options());
  const succeed = async (...args: string[]): Promise<CliResult> => {
    const result = await osc(...args);
    if (result.code !== 0) throw new Error(`osc ${args.join(' ')} ended with ${result.code}:\n${result.stderr}`);
    return result;
  };
  const status = (sweep: string): Promise<Status> => runJson<Status>(['sweep', 'status', sweep], options());
  const log = async (sweep: string): Promise<string> =>
    (await osc('sweep', 'logs', sweep, '0', '--lines', '1000')).stdout;

  test('a sweep of which one job fails: submitted, waited for, looked at', async () => {
    const choices = ['optimizer.start_lr=5e-4,1e30', 'model.backbone.embed_dim=8'];
    const { stdout, stderr, code } = await osc(...SWEEP, ...choices, '--sweep-dir', 'failing', '--wait');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/SLURM has jobs 0-1 as \d+_\[0-1\]\./)]);
    expect(stdout).toContain('1 of 2 jobs finished, 1 failed');
    expect(await status('failing')).toMatchObject({
      status: 'failed',
      jobs: [{ state: 'finished' }, { state: 'failed' }],
    });
    expect((await osc('sweep', 'logs', 'failing', '1')).stdout).toContain('not finite');
    expect(readdirSync(join(cwd, 'failing/launcher'))).toEqual(['submissions.jsonl', 'submit-001.sh']);
  });

  test('what SLURM refuses leaves no sweep behind', async () => {
    const { stderr, code } = await osc(
      ...SWEEP,
      'optimizer.start_lr=1e-3,1e-4',
      'launcher.partition=nowhere',
      '--sweep-dir',
      'none',
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining('launcher.partition is nowhere.')]);
    expect(readdirSync(cwd)).not.toContain('none');
  });

  test('a sweep is stopped, jobs that wait with it, and goes on', async () => {
    const choices = ['model.backbone.embed_dim=8,12,16', 'training.num_epochs=120', 'launcher.array_parallelism=1'];
    await succeed(...SWEEP, ...choices, '--sweep-dir', 'long');
    await until('the first job trains', async () => /Epoch 3\//.test(await log('long')));
    await succeed('sweep', 'stop', 'long');
    await until('nothing is left in the queue', () => slurm('squeue', '--noheader') === '');
    const stopped = await status('long');
    expect(stopped.counts).toMatchObject({ running: 0, finished: 0, failed: 0 });
    expect(stopped.jobs.map(({ attempts }) => attempts)).toEqual([1, 0, 0]);
    const resumed = await succeed('train', '-m', '--resume', 'long', 'launcher.array_parallelism=3', '--wait');
    expect(resumed.stdout).toContain('3 of 3 jobs finished');
    expect((await status('long')).jobs.map(({ attempts }) => attempts)).toEqual([2, 1, 1]);
  }, 240_000);

  test('a run whose time is up goes on, and comes to the very weights of one that was never stopped', async () => {
    const training = [...TRAINING, 'training.num_epochs=200', 'model.backbone.embed_dim=8'];
    const undisturbed = succeed('train', ...training, '--run-dir', 'undisturbed');
    const limits = ['launcher.timeout_min=1', 'launcher.signal_delay_s=52', 'launcher.max_num_timeout=1'];
    await succeed('train', ...training, 'launcher=slurm', ...limits, '--sweep-dir', 'limited');
    await until('it trains', async () => /Epoch 2\//.test(await log('limited')));
    // SLURM looks at time limits twice a minute: till then a fast machine would have finished
    const { pid } = JSON.parse(readFileSync(join(cwd, 'limited/jobs/000.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 33_000));
    process.kill(pid, 'SIGCONT');
    await until('its time is up', async () => (await log('limited')).includes('requeue 1 of 1.'), 30);
    await until('it is back in the queue', async () => (await status('limited')).jobs[0]?.state === 'waiting');
    const run = join(cwd, 'limited/000');
    expect(checkpointsOf(run)[0]).not.toContain('epoch-0200');
    const entry = /is entry (\d+_0) of/.exec(await log('limited'))?.[1];
    slurm('scontrol', 'update', `JobId=${entry}`, 'TimeLimit=30');
    await until('it has finished', async () => (await status('limited')).status === 'finished', 100);
    expect((await status('limited')).jobs[0]?.attempts).toBe(2);
    await undisturbed;
    const [one, other] = [resultOf(run), resultOf(join(cwd, 'undisturbed'))];
    expect(one.checkpoint).toBe(other.checkpoint);
    expect(one.model.equals(other.model)).toBe(true);
    expect(one.optimizer.equals(other.optimizer)).toBe(true);
    expect(one.metrics).toBe(other.metrics);
  }, 240_000);
}
