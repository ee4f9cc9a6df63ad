import { Flags } from '@oclif/core';
import { prepareReplay, prepareTraining, type FinishedTraining, type ReplayedTraining } from '../../jobs';
import { REFERENCE_SWEEP } from '../../launch/reference-sweep';
import { UsageError } from '../../sdk/errors';
import { BaseCommand } from '../base-command';
import { describeReplay, UNEQUAL_EXIT_CODE } from '../describe-replay';
import { KILLED_EXIT_CODE, listenForStop, STOPPED_EXIT_CODE } from '../stop-signals';
import { endProcess } from '../process-end';
import { oneOf, OVERRIDES_HELP, projectPluginFlag } from '../flags';
import { trustPluginsFlag } from '../trained-arg';

export default class Train extends BaseCommand {
  static override onlyPrints = false;
  static override summary = 'Train a model without labels: one global and several object representations an image.';
  static override description =
    'A run lies in outputs/DATE/TIME_NAME: config, metrics, checkpoints, figures and log. The first Ctrl-C finishes the ' +
    'step, writes a checkpoint and exits with code 75; --resume goes on from there.\n\n' +
    '--replay RUN trains a finished run again from its files, with its config, seeds and engine, and says whether the ' +
    'weights and the optimizer are equal to the bit: exit code 0. Where they are not, it says which tensors differ ' +
    `and what of the environment does, and exits with code ${UNEQUAL_EXIT_CODE}. Data that is not as it was then shows as ` +
    'unequal weights; generated data is made anew where it is not kept.\n\n' +
    '--multirun (-m) trains a run for each combination of choices, as in Hydra: a=1,2,4, choice(a,b), range(1,10,2), glob(*), ' +
    'and seeds=0..4, which is short for equal choices of other.seed and data.train.seed. All configs are checked before the first ' +
    'job starts. The sweep lies in multirun/DATE/TIME_NAME, a run in each of its folders 000, 001 …; --multirun --resume SWEEP ' +
    'goes on with what is not finished. launcher=local runs launcher.jobs at once, here; launcher=slurm hands them to SLURM. ' +
    'Exit code 1: a job failed; 75: some are left to go on with.\n\n' +
    'Of a run that is resumed or replayed, plugins that this project does not enable are not loaded: they are code, and a run ' +
    'may come from elsewhere. --trust-plugins loads them.\n\n' +
    OVERRIDES_HELP;
  static override usage =
    '<%= command.id %> [OVERRIDES...] [--plugin NAME]... [--run-dir DIR | --resume RUN] [--replay RUN] [--json]';
  static override examples = [
    {
      description: 'the demo: generated scenes, a few minutes on two cores',
      command: '<%= config.bin %> train +exp=demo',
    },
    { description: 'print the composed config', command: '<%= config.bin %> train --cfg job' },
    {
      description: 'object queries from k-means, a smaller batch',
      command: '<%= config.bin %> train --plugin kmeans_euclidean training.batch_size=16',
    },
    {
      description: 'another group, another value',
      command: '<%= config.bin %> train +losses=more_objects optimizer.start_lr=1e-3',
    },
    { description: 'go on with the newest run', command: '<%= config.bin %> train --resume latest' },
    {
      description: 'a sweep: six runs, two at a time',
      command: '<%= config.bin %> train -m model.obj_fn.num_iters=1,3 seeds=0..2 launcher.jobs=2',
    },
    {
      description: "the sweep of the reference's README, 108 runs on SLURM",
      command: `<%= config.bin %> train --multirun ${REFERENCE_SWEEP.join(' ')}`,
    },
    { description: 'is it reproducible?', command: '<%= config.bin %> train --replay latest' },
  ];
  static override strict = false;
  static override flags = {
    plugin: projectPluginFlag,
    'run-dir': Flags.string({
      summary: 'Folder for the run; it must be empty or not be there.',
      helpValue: 'DIR',
      exclusive: ['resume'],
    }),
    resume: Flags.string({
      summary:
        'Go on with a run from its newest checkpoint: a run directory, its name, or latest. With --multirun a sweep.',
      helpValue: 'RUN|latest',
    }),
    replay: Flags.string({
      summary: 'Train a finished run again, and compare the weights to the bit.',
      description: 'Of its config only engine, logging, data.num_workers and other.tqdm may be changed.',
      helpValue: 'RUN|latest',
      exclusive: ['resume'],
    }),
    'init-from': Flags.string({
      summary: 'Start a new run from the weights of a run (or latest) or a checkpoint, with a fresh optimizer.',
      helpValue: 'RUN|CHECKPOINT',
      exclusive: ['resume'],
    }),
    'trust-plugins': trustPluginsFlag,
    cfg: Flags.custom<'job'>(oneOf(['job']))({
      char: 'c',
      summary: 'Print the composed config as YAML and do nothing else.',
    }),
    multirun: Flags.boolean({
      char: 'm',
      summary: 'A sweep: one run for each combination of the choices that overrides give (a=1,2 b=range(3)).',
    }),
    'dry-run': Flags.boolean({
      summary: 'Check and list the jobs of a sweep, and start none.',
      dependsOn: ['multirun'],
    }),
    'sweep-dir': Flags.string({
      summary: 'Folder for the sweep; it must be empty or not be there.',
      helpValue: 'DIR',
      exclusive: ['resume'],
    }),
    wait: Flags.boolean({ summary: 'Stay until jobs that were handed to a queue have ended.' }),
  };

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(Train);
    if (flags.multirun) return this.sweep(argv.map(String));
    const input = {
      plugins: flags.plugin,
      overrides: argv.map(String),
      initFrom: flags['init-from'],
      trustPlugins: flags['trust-plugins'],
      onNote: this.onNote,
    };
    const prepared =
      flags.replay === undefined
        ? await prepareTraining({ ...input, resume: flags.resume })
        : await prepareReplay({ ...input, run: flags.replay });
    if (flags.cfg !== undefined) {
      if (!this.jsonEnabled()) this.log(prepared.yaml.trimEnd());
      return prepared.config;
    }
    if (prepared.isForLauncher) return this.sweep(argv.map(String));
    refuseForRuns(flags);
    const { progress, onLog } = this.reporting({ bars: prepared.config.other.tqdm });
    let started = false;
    const stop = listenForStop(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'], (name) => {
      if (!started) this.leave(name, flags.resume === undefined ? KILLED_EXIT_CODE : STOPPED_EXIT_CODE);
      progress.writeLine('Send it again to stop at once.');
    });
    const finished: FinishedTraining & Partial<Pick<ReplayedTraining, 'comparison'>> = await prepared.train({
      runDir: flags['run-dir'],
      progress,
      onLog,
      signal: stop.signal,
      onStart: () => {
        started = true;
      },
      command: process.argv.slice(2),
    });
    stop.release();
    if (!this.jsonEnabled()) {
      const { describeSummary } = await import('../describe-summary.js');
      this.log(describeSummary(finished, finished, finished.figures));
      if (finished.comparison !== undefined) this.log(describeReplay(finished.comparison));
    }
    if (finished.comparison?.equal === false) process.exitCode = UNEQUAL_EXIT_CODE;
    if (finished.status === 'stopped') process.exitCode = STOPPED_EXIT_CODE;
    return finished;
  }

  /** One run for each combination of choices; or one alone, which its launcher runs elsewhere. */
  private async sweep(overrides: readonly string[]): Promise<unknown> {
    const { flags } = await this.parse(Train);
    refuseForSweeps(flags);
    const { runSweep } = await import('../run-sweep.js');
    return runSweep(
      overrides,
      {
        plugin: flags.plugin,
        resume: flags.resume,
        sweepDir: flags['sweep-dir'],
        initFrom: flags['init-from'],
        trustPlugins: flags['trust-plugins'],
        dryRun: flags['dry-run'],
        wait: flags.wait,
      },
      {
        json: this.jsonEnabled(),
        log: (text) => {
          this.log(text);
        },
        onNote: this.onNote,
      },
    );
  }

  /** Preparing is left at once: there is nothing yet that a stop in order would save. */
  private leave(name: string, exitCode: number): never {
    this.logToStderr(`${name}: stopped before training began.`);
    endProcess(exitCode);
  }
}

/** @throws UsageError for flags of a single run */
function refuseForSweeps(flags: {
  readonly 'run-dir'?: string | undefined;
  readonly replay?: string | undefined;
  readonly cfg?: string | undefined;
}): void {
  const wrong = (['run-dir', 'replay', 'cfg'] as const).find((name) => flags[name] !== undefined);
  if (wrong === undefined) return;
  const instead = {
    'run-dir': '--sweep-dir DIR    (each run has a folder in it)',
    replay: 'osc train --replay RUN    (one run of the sweep)',
    cfg: '--dry-run    (lists the jobs; `osc config show` prints the config of one)',
  };
  throw new UsageError(`--${wrong} is for one run, and cannot be used with a sweep.`, undefined, [instead[wrong]]);
}

/** @throws UsageError for flags of sweeps, which would have no effect */
function refuseForRuns(flags: { readonly 'sweep-dir'?: string | undefined; readonly wait: boolean }): void {
  const wrong = flags['sweep-dir'] !== undefined ? 'sweep-dir' : flags.wait ? 'wait' : undefined;
  if (wrong === undefined) return;
  throw new UsageError(`--${wrong} is for sweeps, and this is one run that is trained here.`, undefined, [
    'osc train --multirun KEY=VALUE,VALUE',
    ...(wrong === 'wait' ? ['launcher=slurm'] : ['--run-dir DIR']),
  ]);
}
