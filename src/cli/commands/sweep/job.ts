import { Args } from '@oclif/core';
import { runSweepJob } from '../../../jobs';
import { UsageError } from '../../../sdk/errors';
import { BaseCommand } from '../../base-command';
import { endProcess } from '../../process-end';
import { listenForStop, STOPPED_EXIT_CODE } from '../../stop-signals';
import { jobNumbers, sweepArg } from '../../sweep-args';
import { trustPluginsFlag } from '../../trained-arg';

/** What launchers run. People may do so too: a job that is run already is waited for, a finished one is left. */
export default class SweepJob extends BaseCommand {
  static override onlyPrints = false;
  static override hidden = true;
  static override enableJsonFlag = false;
  static override summary = 'Train one job of a sweep here, or go on with it.';
  static override args = {
    sweep: sweepArg,
    number: Args.string({ name: 'JOB', description: 'Number of the job.', required: true }),
  };
  static override flags = { 'trust-plugins': trustPluginsFlag };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SweepJob);
    const [number] = jobNumbers([args.number]) ?? [];
    if (number === undefined) throw new UsageError('Which job?');
    const stop = listenForStop(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1']);
    const orphaned = new AbortController();
    // who started it has gone: by the channel between them, where there is one
    process.once('disconnect', () => {
      orphaned.abort('The launcher has gone');
    });
    const status = await runSweepJob({
      sweep: args.sweep,
      number,
      trustPlugins: flags['trust-plugins'],
      signal: AbortSignal.any([stop.signal, orphaned.signal]),
      command: process.argv.slice(2),
      onLog: (line) => {
        this.log(line);
      },
      onLeave: () => {
        endProcess(STOPPED_EXIT_CODE);
      },
    });
    stop.release();
    if (process.connected) process.disconnect();
    if (status === 'stopped') process.exitCode = STOPPED_EXIT_CODE;
  }
}
