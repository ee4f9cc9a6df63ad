import { Flags } from '@oclif/core';
import { prepareReplay, prepareTraining, type FinishedTraining, type ReplayedTraining } from '../../jobs';
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
      summary: 'Go on with a run from its newest checkpoint: a run directory, its name, or latest.',
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
    multirun: Flags.boolean({ char: 'm', hidden: true, summary: 'A sweep: one run for each combination of choices.' }),
  };

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(Train);
    if (flags.multirun) {
      throw new UsageError('Sweeps (--multirun) are not a part of this version yet.', undefined, [
        'osc train with one value for each key, once for each run',
      ]);
    }
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

  /** Preparing is left at once: there is nothing yet that a stop in order would save. */
  private leave(name: string, exitCode: number): never {
    this.logToStderr(`${name}: stopped before training began.`);
    endProcess(exitCode);
  }
}
