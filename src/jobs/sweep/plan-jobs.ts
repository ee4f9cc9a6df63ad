/** From values of a sweep to jobs with whole configs. All are composed and checked before the first one starts. */
import { printConfig, type Composer, type OscConfig } from '../../config';
import type { SweepJob } from '../../launch';
import { isReportedError, UsageError } from '../../sdk';
import { countOf } from '../../util/text';

/** A job, and the config that it will be trained with. */
export interface PlannedJob extends SweepJob {
  readonly config: OscConfig;
  /** The config as it is saved. */
  readonly yaml: string;
}

/** Jobs that a message names one by one. */
const MAX_NAMED = 8;

/**
 * @param onNote told once of what is no mistake in any of them
 * @throws UsageError that names the jobs whose config is wrong, and for two jobs that are the same
 */
export async function planJobs(
  proposed: readonly SweepJob[],
  composer: Pick<Composer, 'compose'>,
  onNote: (text: string) => void,
): Promise<PlannedJob[]> {
  const jobs: PlannedJob[] = [];
  const wrong = new Map<string, { readonly error: UsageError; readonly jobs: SweepJob[] }>();
  const notes = new Set<string>();
  for (const job of proposed) {
    try {
      const { values: composed, notes: told } = await composer.compose(job.overrides);
      for (const note of told) notes.add(note);
      const { logging } = composed;
      const config = {
        ...composed,
        logging: { ...logging, name: logging.name ?? (job.name === '' ? null : job.name) },
      };
      jobs.push({ ...job, config, yaml: printConfig(config) });
    } catch (error) {
      if (!isReportedError(error) || error.name !== 'UsageError') throw error;
      const known = wrong.get(error.message) ?? { error: error as UsageError, jobs: [] };
      known.jobs.push(job);
      wrong.set(error.message, known);
    }
  }
  if (wrong.size > 0) throw wrongJobs([...wrong.values()], proposed.length);
  refuseSame(jobs);
  for (const note of notes) onNote(note);
  return jobs;
}

function wrongJobs(
  wrong: readonly { readonly error: UsageError; readonly jobs: readonly SweepJob[] }[],
  total: number,
): UsageError {
  const [{ error, jobs }] = wrong as [(typeof wrong)[number]];
  // what is wrong in all of them is no matter of the sweep
  if (wrong.length === 1 && jobs.length === total) return error;
  const count = wrong.reduce((sum, { jobs: { length } }) => sum + length, 0);
  const reasons = wrong.map(({ error: { message }, jobs: same }) => `${named(same)}: ${message}`);
  const hints = [...new Set(wrong.flatMap(({ error: { hints: all } }) => all))];
  const what = `${count} of the sweep's ${countOf(total, 'job')} cannot be composed; none was started.`;
  return new UsageError([what, ...reasons].join('\n'), undefined, hints);
}

function named(jobs: readonly Pick<SweepJob, 'number' | 'name'>[]): string {
  const shown = jobs.slice(0, MAX_NAMED).map(({ number, name }) => `${number} (${name})`);
  const more = jobs.length > MAX_NAMED ? ` and ${jobs.length - MAX_NAMED} more` : '';
  return `Job${jobs.length === 1 ? '' : 's'} ${shown.join(', ')}${more}`;
}

/** But for the name, which is made of what was asked: 1 and 1.0 are two texts for one value. */
function refuseSame(jobs: readonly PlannedJob[]): void {
  const seen = new Map<string, PlannedJob>();
  for (const job of jobs) {
    const { config, name } = job;
    const { logging } = config;
    const key = JSON.stringify({
      ...config,
      logging: { ...logging, name: logging.name === name ? null : logging.name },
    });
    const other = seen.get(key);
    if (other !== undefined) {
      const twice = name === '' ? 'nothing differs' : `${other.name} and ${name}`;
      throw new UsageError(
        `The jobs ${other.number} and ${job.number} of the sweep are the same: ${twice}.`,
        'Each job of a sweep has a config of its own.',
        ['each value once', 'seeds=0..4    (the same config with several seeds)'],
      );
    }
    seen.set(key, job);
  }
}
