/** What SLURM is told and says, word by word. */
import { UsageError, type LaunchedSweep, type LaunchJob } from 'osc-trainer/sdk';
import { chunkJobs, logPattern } from './chunks';
import { cleanEnvironment, complaintOf } from './commands';
import { checkOptions, sbatchOptions } from './header';
import { slurmOptions, type SlurmOptions } from './options';
import { meaningOf, parseListing } from './queue';
import { sbatchQuote, shellQuote } from './quote';
import { formatRanges, parseRanges } from './ranges';

const jobs = (numbers: readonly number[], folder = '/s/jobs'): LaunchJob[] =>
  numbers.map((number) => ({ number, name: `n=${number}`, log: `${folder}/${String(number).padStart(3, '0')}.log` }));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const sweep: LaunchedSweep = {
  name: 'night owl',
  folder: '/s',
  files: '/s/launcher',
  command: ['node', 'osc'],
  cwd: '/w',
  threads: null,
  cores: 2,
};
const options = (given: object = {}): SlurmOptions => slurmOptions.parse(given);
const header = (given: object = {}, some = jobs([0, 1, 2]), of = sweep): Record<string, string | null> =>
  Object.fromEntries(sbatchOptions(of, chunkJobs(some, 1001)[0]!, options(given)));

describe('ranges', () => {
  test.each([
    [[], ''],
    [[5], '5'],
    [[0, 1, 2, 7, 9, 8, 20], '0-2,7-9,20'],
  ])('%j is %s', (numbers, text) => {
    expect(formatRanges(numbers)).toBe(text);
    if (text !== '') expect(parseRanges(text)).toEqual([...numbers].sort((a, b) => a - b));
  });

  test('squeue writes steps and limits too', () => {
    expect(parseRanges('1-7:3,9%4')).toEqual([1, 4, 7, 9]);
  });

  test.each(['', 'a', '3-', '1-3:0', '0-99999999', '5-3,', '0-...'])('%s is none', (text) => {
    expect(parseRanges(text)).toBeUndefined();
  });
});

test.each([
  ['gpu_long', 'gpu_long', 'gpu_long'],
  ["it's", `'it'\\''s'`, `"it's"`],
  ['a "b" \\n $HOME #1', `'a "b" \\n $HOME #1'`, `"a \\"b\\" \\\\n $HOME #1"`],
  ['', `''`, '""'],
])('%s is quoted for the shell and for sbatch', (word, shell, sbatch) => {
  expect([shellQuote(word), sbatchQuote(word)]).toEqual([shell, sbatch]);
});

describe('arrays', () => {
  test('one where the cluster allows it, with the numbers of the jobs for indices', () => {
    expect(chunkJobs(jobs([3, 5, 1000]), 1001).map(({ offset }) => offset)).toEqual([0]);
  });

  test('several where it does not: the index of a job is its number less a round number', () => {
    const chunks = chunkJobs(jobs(upTo(2500)), 1001);
    expect(chunks.map((chunk) => [chunk.offset, chunk.jobs.length])).toEqual([[0, 1000], [1000, 1000], [2000, 500]]); // prettier-ignore
    expect(chunks.map(logPattern)).toEqual(['/s/jobs/%3a.log', '/s/jobs/1%3a.log', '/s/jobs/2%3a.log']);
  });

  test('of a few', () => {
    const chunks = chunkJobs(jobs([0, 4, 5, 12]), 5);
    expect(chunks.map((chunk) => [chunk.offset, chunk.jobs.map(({ number }) => number)])).toEqual([
      [0, [0, 4]],
      [5, [5]],
      [10, [12]],
    ]);
  });

  test('logs that no pattern of SLURM fits', () => {
    const [first, second] = jobs([0, 1]);
    expect(logPattern({ offset: 0, jobs: [first!, { ...second!, log: '/s/other.log' }] })).toBeUndefined();
    expect(logPattern({ offset: 0, jobs: jobs([0], '/a\\b') })).toBeUndefined();
    expect(logPattern({ offset: 0, jobs: jobs([7], '/50%/7') })).toBe('/50%%/7/%3a.log');
  });
});

describe('options of sbatch', () => {
  test('where nothing is chosen', () => {
    expect(header()).toEqual({
      'job-name': 'night owl',
      time: '60',
      nodes: '1',
      ntasks: '1',
      array: '0-2%256',
      chdir: '/w',
      output: '/s/jobs/%3a.log',
      'open-mode': 'append',
      signal: 'B:USR1@120',
      requeue: null,
    });
  });

  test("submitit's names", () => {
    const given = {
      partition: 'gpu',
      qos: 'high',
      account: 'lab',
      timeout_min: 90,
      mem_gb: 1.5,
      cpus_per_task: 4,
      gpus_per_node: 'a100:1',
      constraint: 'a|b',
      array_parallelism: 2,
      signal_delay_s: 30,
      job_name: 'x',
      additional_parameters: {
        mail_type: 'END',
        exclusive: true,
        time: '2-0',
        nodes_x: false,
        dependency: 'singleton',
      },
    };
    expect(header(given)).toMatchObject({
      partition: 'gpu',
      qos: 'high',
      account: 'lab',
      time: '2-0',
      mem: '1536M',
      'cpus-per-task': '4',
      'gpus-per-node': 'a100:1',
      constraint: 'a|b',
      array: '0-2%2',
      signal: 'B:USR1@30',
      'job-name': 'x',
      'mail-type': 'END',
      exclusive: null,
    });
    expect(header(given)).not.toHaveProperty('nodes-x');
    const [chunk] = chunkJobs(jobs([0]), 9);
    expect(sbatchOptions(sweep, chunk!, options(given), '12').get('dependency')).toBe('singleton,afterany:12');
  });

  test('cores are those that the jobs ask for, where they are not chosen', () => {
    expect(header({}, jobs([0]), { ...sweep, threads: 6 })).toMatchObject({ 'cpus-per-task': '6' });
    expect(header({ cpus_per_task: 2 }, jobs([0]), { ...sweep, threads: 6 })).toMatchObject({ 'cpus-per-task': '2' });
  });

  test.each([
    ['array', '1-3', /array cannot be set. The launcher sets it itself/],
    ['nodes', 2, /nodes cannot be set. A job of osc is one process/],
    ['clusters', 'a', /Only the queue of this cluster/],
    ['--mail-type', 'END', /--mail-type is no option of sbatch/],
    ['x y', 'END', /is no option of sbatch/],
    ['comment', 'a\nb', /one line/],
  ])('additional parameter %s: %s', (name, value, message) => {
    const given = options({ additional_parameters: { [name]: value } });
    expect(() => checkOptions(sweep, jobs([0]), given)).toThrow(message);
    expect(() => checkOptions(sweep, jobs([0]), given)).toThrow(UsageError);
  });

  test('a signal before the job begins', () => {
    expect(() => checkOptions(sweep, jobs([0]), options({ timeout_min: 2 }))).toThrow(
      'launcher.signal_delay_s (120) leaves a job of 2 minutes no time to train.',
    );
    expect(() => checkOptions(sweep, jobs([0]), options({ timeout_min: 2, signal_delay_s: 60 }))).not.toThrow();
  });

  test('a name that cannot be written into a script', () => {
    expect(() => checkOptions({ ...sweep, cwd: '/a\nb' }, jobs([0]), options())).toThrow('"/a\\nb" has a control');
  });

  test.each([
    [{ nodes: 2 }, /one process on one node/],
    [{ tasks_per_node: 4 }, /one process on one node/],
    [{ partition: 'a\nb' }, /one line of text/],
    [{ timeout_min: 0 }, /timeout_min/],
    [{ partion: 'a' }, /partion/],
  ])('%j is no option', (given, message) => {
    expect(slurmOptions.safeParse(given).error?.message).toMatch(message);
  });
});

describe('what SLURM says', () => {
  test('of its queue', () => {
    const listing = [
      '4711_0|RUNNING|None',
      '4711_1|PENDING|Nodes required for job are DOWN, DRAINED or reserved | or so',
      '4711_[2-4,6%2]|PENDING|JobArrayTaskLimit',
      '4711|CANCELLED|Resources', // the rest of an array, of which it no longer says which
      '4712_0|OUT_OF_MEMORY|OutOfMemory',
      '4712_1|CANCELLED by 1000|None',
      'slurm_load_jobs error',
      '4713_x|PENDING|',
      '',
    ].join('\n');
    const { entries: found, cancelled } = parseListing(listing);
    expect(Array.from(cancelled)).toEqual(['4711']);
    expect(Object.fromEntries(Array.from(found, ([entry, listed]) => [entry, meaningOf(listed)]))).toEqual({
      '4711_0': { state: 'running' },
      '4711_1': { state: 'waiting', detail: 'Nodes required for job are DOWN, DRAINED or reserved | or so' },
      ...Object.fromEntries([2, 3, 4, 6].map((i) => [`4711_${i}`, { state: 'waiting', detail: 'JobArrayTaskLimit' }])),
      '4712_0': { state: 'ended', detail: 'OUT_OF_MEMORY' },
      '4712_1': { state: 'ended', detail: 'CANCELLED', cancelled: true },
    });
  });

  test('a state that is new counts as running, so that nothing runs twice', () => {
    expect(meaningOf({ state: 'DREAMING', reason: 'None' })).toEqual({ state: 'running', detail: 'DREAMING' });
    expect(meaningOf({ state: 'COMPLETING', reason: 'None' })).toEqual({ state: 'running', detail: 'COMPLETING' });
  });

  test.each([
    ['sbatch: error: invalid partition specified: nope\nallocation failure: Invalid partition name specified\n', 'invalid partition specified: nope; Invalid partition name specified'], // prettier-ignore
    ['sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified', 'Batch job submission failed: Invalid account or account/partition combination specified'], // prettier-ignore
    ['slurm_load_jobs error: Unable to contact slurm controller (connect failure)', 'Unable to contact slurm controller (connect failure)'], // prettier-ignore
    ["sbatch: unrecognized option '--foo=1'\nTry \"sbatch --help\" for more information", "unrecognized option '--foo=1'"], // prettier-ignore
    ['', 'it ended with code 1 and said nothing'],
  ])('in %j', (stderr, said) => {
    expect(complaintOf({ code: 1, stdout: '', stderr })).toBe(said);
  });

  test('and is not told by variables of the user, or of the job that osc itself runs in', () => {
    const env = { PATH: '/bin', SQUEUE_USERS: 'a', SLURM_CONF: '/c', SLURM_CPUS_PER_TASK: '3', SBATCH_ACCOUNT: 'lab' };
    expect(cleanEnvironment(env)).toMatchObject({ PATH: '/bin', SLURM_CPUS_PER_TASK: '3', SBATCH_ACCOUNT: 'lab' });
    expect(cleanEnvironment(env)).not.toHaveProperty('SQUEUE_USERS');
    const inside = cleanEnvironment({ ...env, SLURM_JOB_ID: '1' });
    expect(inside).toMatchObject({ SLURM_CONF: '/c' });
    expect(inside).not.toHaveProperty('SLURM_CPUS_PER_TASK');
  });
});
