/** The options that sbatch gets, from those of the launcher. */
import { UsageError, type LaunchedSweep } from 'osc-trainer/sdk';
import { formatRanges } from './ranges';
import { logPattern, type Chunk } from './chunks';
import type { SlurmOptions } from './options';

/** Options of sbatch without their dashes, in the order to show them; null: a flag without a value. */
export type SbatchOptions = ReadonlyMap<string, string | null>;

const ONE_PROCESS = 'A job of osc is one process on one node.';
const OWN = 'The launcher sets it itself: without it jobs would not be found, logged, or put back into the queue.';

/** Options of sbatch that are not for additional_parameters, and why. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ...['array', 'output', 'error', 'input', 'open-mode', 'signal', 'requeue', 'no-requeue', 'chdir', 'parsable'].map(
    (name): [string, string] => [name, OWN],
  ),
  ...['wrap', 'wait', 'test-only', 'help', 'usage', 'version'].map((name): [string, string] => [
    name,
    'With it sbatch does something else than to take the jobs.',
  ]),
  ...['nodes', 'ntasks', 'ntasks-per-node'].map((name): [string, string] => [name, ONE_PROCESS]),
  ['clusters', 'Only the queue of this cluster is asked what became of the jobs.'],
]);

/** Where a name differs from the launcher's option. */
const OWN_NAMES: ReadonlyMap<string, string> = new Map([
  ['time', 'timeout_min'],
  ['mem', 'mem_gb'],
]);

/**
 * The additional parameters, names as sbatch writes them.
 *
 * @throws UsageError for a name or a value that cannot be one, or that would break what the launcher does
 */
export function additionalParameters(options: SlurmOptions): Map<string, string | null | undefined> {
  const found = new Map<string, string | null | undefined>();
  for (const [key, value] of Object.entries(options.additional_parameters)) {
    const place = `launcher.additional_parameters.${key}`;
    const name = key.replaceAll('_', '-');
    if (!/^[a-z][a-z0-9-]+$/.test(name)) {
      throw new UsageError(
        `${place} is no option of sbatch.`,
        'They are written in full, without the dashes before them: mail-type, reservation.',
        ['man sbatch'],
      );
    }
    const why = REFUSED.get(name);
    if (why !== undefined) throw new UsageError(`${place} cannot be set.`, why);
    // eslint-disable-next-line no-control-regex
    if (typeof value === 'string' && /[\x00-\x1f\x7f]/.test(value)) {
      throw new UsageError(`${place} should be one line of text.`);
    }
    found.set(name, value === true ? null : value === false ? undefined : String(value));
  }
  return found;
}

/** @param after id of an array that must have ended before this one starts */
export function sbatchOptions(
  sweep: LaunchedSweep,
  chunk: Chunk,
  options: SlurmOptions,
  after?: string,
): SbatchOptions {
  const cpus = options.cpus_per_task ?? sweep.threads;
  const megabytes = options.mem_gb === null ? null : `${Math.max(1, Math.round(options.mem_gb * 1024))}M`;
  const wanted: [string, string | number | null][] = [
    ['job-name', options.job_name ?? sweep.name],
    ['comment', options.comment],
    ['partition', options.partition],
    ['qos', options.qos],
    ['account', options.account],
    ['time', options.timeout_min],
    ['mem', megabytes],
    ['mem-per-cpu', options.mem_per_cpu],
    ['mem-per-gpu', options.mem_per_gpu],
    // with gpus_per_task and cpus_per_gpu SLURM counts by itself, and refuses to be told twice
    ['cpus-per-task', options.cpus_per_gpu !== null && options.cpus_per_task === null ? null : cpus],
    ['cpus-per-gpu', options.cpus_per_gpu],
    ['gpus-per-node', options.gpus_per_node],
    ['gpus-per-task', options.gpus_per_task],
    ['gres', options.gres],
    ['constraint', options.constraint],
    ['exclude', options.exclude],
    ['nodes', 1],
    ['ntasks', 1],
  ];
  const result = new Map<string, string | null>();
  for (const [name, value] of wanted) if (value !== null) result.set(name, String(value));
  for (const [name, value] of additionalParameters(options)) {
    if (value === undefined) result.delete(name);
    else result.set(name, value);
  }
  if (after !== undefined) {
    const others = result.get('dependency');
    result.set('dependency', `${others ? `${others},` : ''}afterany:${after}`);
  }
  const indices = formatRanges(chunk.jobs.map(({ number }) => number - chunk.offset));
  result.set('array', `${indices}%${options.array_parallelism}`);
  result.set('chdir', sweep.cwd);
  result.set('output', logPattern(chunk) ?? '/dev/null');
  result.set('open-mode', 'append');
  result.set('signal', `B:USR1@${options.signal_delay_s}`);
  result.set('requeue', null);
  return result;
}

/** What to write in the config for an option of sbatch. */
export function keyOf(name: string): string {
  return `launcher.${OWN_NAMES.get(name) ?? name.replaceAll('-', '_')}`;
}

/** @throws UsageError for options that contradict each other or the sweep */
export function checkOptions(
  sweep: LaunchedSweep,
  jobs: readonly { readonly log: string }[],
  options: SlurmOptions,
): void {
  const own = additionalParameters(options);
  const minutes = own.has('time') ? null : options.timeout_min;
  if (minutes !== null && options.signal_delay_s >= minutes * 60) {
    throw new UsageError(
      `launcher.signal_delay_s (${options.signal_delay_s}) leaves a job of ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} no time to train.`,
      'It is told to stop so many seconds before launcher.timeout_min is over.',
      [
        `launcher.signal_delay_s=${Math.max(1, Math.min(120, minutes * 15))}`,
        `launcher.timeout_min=${Math.ceil(options.signal_delay_s / 30)}`,
      ],
    );
  }
  for (const path of [sweep.folder, sweep.files, sweep.cwd, ...sweep.command, ...jobs.map(({ log }) => log)]) {
    // eslint-disable-next-line no-control-regex
    if (/[\x00-\x1f\x7f]/.test(path)) {
      throw new UsageError(
        `${JSON.stringify(path)} has a control character: SLURM cannot be told that name.`,
        undefined,
        ['--sweep-dir FOLDER'],
      );
    }
  }
}
