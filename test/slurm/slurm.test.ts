/**
 * The launcher slurm on a real SLURM. One file, so that two workers never start two clusters. `.ci/run` has these tests; where SLURM
 * cannot be installed they are skipped.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testComponent } from 'osc-trainer/sdk/testing';
import { SlurmLauncher } from '../../plugins/slurm-launcher';
import { NODE, slurm, startCluster, stopCluster, until, withSettings } from './cluster';
import { setStage } from './stage';
import { testSweeps } from './sweeps';

const missing = startCluster();
if (missing !== undefined) console.warn(`The tests of SLURM are skipped: ${missing}.`);
const describeSlurm = missing === undefined ? describe : describe.skip;
afterAll(stopCluster);
jest.setTimeout(120_000);

describeSlurm('on a cluster', () => {
  afterEach(async () => {
    slurm('scancel', '--user=root', '--quiet');
    await until('the queue is empty', () => slurm('squeue', '--noheader') === '');
  });

  testComponent(SlurmLauncher);

  test('a job that fails says so, and the others run', async () => {
    const stage = setStage(3, {}, ['/bin/bash', '-c', 'echo "job $0"; exit $(($0 == 1 ? 2 : 0))']);
    await stage.launcher.check(stage.sweep, stage.jobs);
    await stage.launcher.submit(stage.sweep, stage.jobs);
    await stage.ended();
    expect(Object.fromEntries(await stage.launcher.states(stage.sweep, stage.jobs))).toEqual({
      0: { state: 'ended' },
      1: { state: 'ended', detail: 'FAILED' },
      2: { state: 'ended' },
    });
    expect(stage.log(1)).toMatch(/slurm: Job 1 is entry \d+_1 of the queue.*\njob 1\n/);
  });

  test.each([
    [{ partition: 'nowhere' }, 'Invalid partition name specified. launcher.partition is nowhere.'],
    [{ constraint: 'unicorn' }, 'Invalid feature specification. launcher.constraint is unicorn.'],
    [{ gpus_per_node: 9 }, 'launcher.gpus_per_node is 9.'],
    [{ additional_parameters: { 'no-such-option': 1 } }, "unrecognized option '--no-such-option=1'."],
  ])('options that SLURM refuses (%j) are told before anything is submitted', async (options, message) => {
    const { launcher, sweep, jobs } = setStage(1, options);
    await expect(launcher.check(sweep, jobs)).rejects.toThrow(message);
    await expect(launcher.check(sweep, jobs)).rejects.toMatchObject({ name: 'UsageError' });
  });

  test('scancel ends a job with a checkpoint, and it does not come back', async () => {
    const stage = setStage(1);
    await stage.launcher.submit(stage.sweep, stage.jobs);
    await stage.started();
    slurm('scancel', '--name=stage');
    await stage.ended();
    expect(stage.record(0)).toEqual(['start', 'SIGTERM']);
    expect(await stage.state(0)).toEqual({ state: 'ended', detail: 'CANCELLED', cancelled: true });
    expect(stage.log(0)).not.toContain('back in the queue');
  });

  test('a job that is preempted is put back by SLURM, and goes on', async () => {
    const stage = setStage(1, { partition: 'main', max_num_timeout: 0 });
    await stage.launcher.submit(stage.sweep, stage.jobs);
    await stage.started();
    slurm('sbatch', '--partition=high', '--exclusive', '--output=/dev/null', '--wrap=sleep 1');
    await until('it is back in the queue', async () => (await stage.state(0))?.state === 'waiting');
    await stage.ended();
    expect(stage.record(0)).toEqual(['start', 'SIGTERM', 'start', 'end']);
    expect(stage.log(0)).toContain('DUE TO PREEMPTION');
    expect(existsSync(join(stage.sweep.files, 'timeouts'))).toBe(false);
  });

  test('on a cluster that warns jobs of preemption it puts itself back', () =>
    withSettings(
      (text) => `${text}SlurmctldParameters=preempt_send_user_signal\n`,
      async () => {
        const stage = setStage(1, { partition: 'main', max_num_timeout: 0, timeout_min: 30 });
        await stage.launcher.submit(stage.sweep, stage.jobs);
        await stage.started();
        slurm('sbatch', '--partition=high', '--exclusive', '--output=/dev/null', '--wrap=sleep 1');
        await until('it has put itself back', () => stage.log(0).includes('The job is back in the queue'));
        await stage.ended();
        expect(stage.record(0)).toEqual(['start', 'SIGTERM', 'start', 'end']);
        expect(existsSync(join(stage.sweep.files, 'timeouts'))).toBe(false);
      },
    ));

  test('jobs wait for a node that is drained, and run when it is back', async () => {
    const stage = setStage(1, {}, ['/bin/true']);
    slurm('scontrol', 'update', `NodeName=${NODE}`, 'State=drain', 'Reason=test');
    try {
      await stage.launcher.check(stage.sweep, stage.jobs);
      await stage.launcher.submit(stage.sweep, stage.jobs);
      await until('it is said why', async () => /DRAINED/.test((await stage.state(0))?.detail ?? ''));
      expect(await stage.state(0)).toMatchObject({ state: 'waiting' });
    } finally {
      slurm('scontrol', 'update', `NodeName=${NODE}`, 'State=resume');
    }
    await stage.ended();
    expect(stage.log(0)).toContain('is entry');
  });

  test('a job goes on after its node failed', async () => {
    const stage = setStage(1);
    await stage.launcher.submit(stage.sweep, stage.jobs);
    await stage.started();
    slurm('scontrol', 'update', `NodeName=${NODE}`, 'State=down', 'Reason=test');
    await until('it is back in the queue', async () => (await stage.state(0))?.state === 'waiting');
    await stage.ended(); // the node reports by itself that it is up
    expect(stage.record(0).slice(-2)).toEqual(['start', 'end']);
    expect(stage.record(0)[0]).toBe('start');
  });

  test('a node without scontrol says that the job cannot go back, and how to go on', async () => {
    const stage = setStage(1, {});
    const bin = join(stage.sweep.folder, 'bin');
    mkdirSync(bin);
    for (const tool of ['cat', 'date', 'hostname', 'mkdir', 'mv', 'rm', 'sleep'])
      symlinkSync(`/bin/${tool}`, join(bin, tool));
    const { launcher } = setStage(1, { setup: [`export PATH=${bin}`] });
    await launcher.submit(stage.sweep, stage.jobs);
    await stage.started();
    // as SLURM does when time is nearly up
    slurm('scancel', '--signal=USR1', '--batch', '--name=stage');
    await stage.ended();
    expect(stage.log(0)).toMatch(/cannot go back into the queue, since scontrol fails on .*: .*command not found/);
    expect(stage.log(0)).toContain(`To go on from its checkpoint: osc train -m --resume ${stage.sweep.folder}`);
    expect(await stage.state(0)).toEqual({ state: 'ended', detail: 'FAILED' });
  });

  test('a login node without scontrol submits nothing', async () => {
    const { launcher, sweep, jobs } = setStage(1);
    const path = process.env.PATH;
    process.env.PATH = sweep.folder;
    try {
      await expect(launcher.check(sweep, jobs)).rejects.toThrow(
        'launcher=slurm needs scontrol, and it was not found on PATH.',
      );
      await expect(launcher.submit(sweep, jobs)).rejects.toThrow('Is this a login node of a SLURM cluster?');
    } finally {
      process.env.PATH = path;
    }
    expect(readdirSync(sweep.files)).toEqual([]);
  });

  test('a thousand jobs are one array, and stopped together', async () => {
    const stage = setStage(1000);
    expect(await stage.launcher.submit(stage.sweep, stage.jobs)).toHaveLength(1);
    expect((await stage.launcher.states(stage.sweep, stage.jobs)).size).toBe(1000);
    await stage.launcher.stop(stage.sweep, stage.jobs);
    await stage.ended();
    expect(readdirSync(stage.sweep.folder).filter((name) => name.startsWith('record-')).length).toBeLessThan(20);
  });

  test('a cluster with small arrays gets several, one after the other', () =>
    withSettings(
      (text) => text.replace('SchedulerParameters=', 'SchedulerParameters=max_array_tasks=5,'),
      async () => {
        const stage = setStage(12, { array_parallelism: 2 }, ['/bin/bash', '-c', 'echo "ran $0"']);
        expect(await stage.launcher.submit(stage.sweep, stage.jobs)).toHaveLength(3);
        expect((await stage.state(11))?.state).toBe('waiting');
        await stage.ended();
        for (const { number } of stage.jobs) expect(stage.log(number)).toMatch(new RegExp(`\\nran ${number}\\n$`));
      },
    ));

  test('ids that were lost, since osc was killed as sbatch gave them, are found', async () => {
    const stage = setStage(3);
    await stage.launcher.submit(stage.sweep, stage.jobs);
    const file = join(stage.sweep.files, 'submissions.jsonl');
    const [request] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, `${request}\n`);
    expect((await stage.launcher.states(stage.sweep, stage.jobs)).size).toBe(3);
    expect(readFileSync(file, 'utf8')).toMatch(/"id":"\d+"/);
  });

  test('a job whose time is up, and that may not go back any more, ends with how to go on', async () => {
    const stage = setStage(1, { timeout_min: 1, signal_delay_s: 58, max_num_timeout: 0 });
    await stage.launcher.submit(stage.sweep, stage.jobs);
    await stage.ended(90);
    expect(stage.record(0)).toEqual(['start', 'SIGTERM']);
    expect(stage.log(0)).toContain('Its time is up, and launcher.max_num_timeout=0 allows no further requeue.');
  });

  testSweeps();
});
