import { Args, Flags } from '@oclif/core';
import { pruneRuns, type KeptCheckpoint, type PrunedRuns } from '../../../jobs';
import { UsageError } from '../../../sdk/errors';
import { askYesNo, canAsk } from '../../ask';
import { BaseCommand } from '../../base-command';

const KEPT: readonly KeptCheckpoint[] = ['best', 'last'];

export default class RunsPrune extends BaseCommand {
  static override onlyPrints = false;
  static override summary = 'Remove checkpoints of runs, but the best and the last one; says first what that frees.';

  static override description = `best is checkpoints/best, which the callback best-checkpoint keeps; last is the newest one that is whole, looked at by its checksums. A run that has not finished keeps its last one in any case, since it goes on from there, and no run loses its only one. Runs that are being trained are left alone, and so are checkpoints of other names.

Asks before it removes anything; --yes answers, and is needed where there is no terminal.`;

  static override usage = '<%= command.id %> [DIR|RUN|SWEEP...] [--keep best,last] [--dry-run] [--yes] [--json]';

  static override examples = [
    { description: 'what it would free', command: '<%= config.bin %> <%= command.id %> --keep best,last --dry-run' },
    {
      description: 'of one sweep',
      command: '<%= config.bin %> <%= command.id %> multirun/2026-01-31/12-00-00_grid --keep best',
    },
  ];

  static override strict = false;

  static override args = {
    runs: Args.string({
      name: 'DIR|RUN|SWEEP',
      description: 'Runs, sweeps, and folders with runs below; all of outputs/ and multirun/ if none is given.',
    }),
  };

  static override flags = {
    keep: Flags.string({ summary: 'What stays: best, last, or both.', helpValue: 'best,last', default: 'best,last' }),
    'dry-run': Flags.boolean({ summary: 'Say what would go, and remove nothing.', exclusive: ['yes'] }),
    yes: Flags.boolean({ summary: 'Remove without asking.', exclusive: ['dry-run'] }),
  };

  async run(): Promise<PrunedRuns> {
    const { argv, flags } = await this.parse(RunsPrune);
    const { describePrune } = await import('../../describe-prune.js');
    let isTold = false;
    const pruned = await pruneRuns({
      runs: argv.map(String),
      keep: keptOf(flags.keep),
      dryRun: flags['dry-run'],
      confirm: flags.yes
        ? undefined
        : async (plan) => {
            this.log(describePrune(plan));
            isTold = true;
            if (this.jsonEnabled() || !canAsk()) throw notAsked(argv.map(String), flags.keep);
            return askYesNo('Remove them?');
          },
    });
    this.log(isTold && !pruned.done ? 'Nothing was removed.' : describePrune(pruned, !isTold));
    for (const { folder, problem } of pruned.broken) this.logToStderr(`Left alone: ${folder}: ${problem}`);
    return pruned;
  }
}

function keptOf(text: string): KeptCheckpoint[] {
  const words = text.split(',').map((word) => word.trim());
  const wrong = words.find((word) => !KEPT.some((kept) => kept === word));
  if (wrong === undefined) return KEPT.filter((kept) => words.includes(kept));
  throw new UsageError(`--keep takes ${KEPT.join(' and ')}, and not "${wrong}".`, undefined, ['--keep best,last']);
}

function notAsked(runs: readonly string[], keep: string): UsageError {
  const command = ['osc runs prune', ...runs, '--keep', keep].join(' ');
  return new UsageError('Nothing was removed: there is no terminal to ask on.', undefined, [
    `${command} --yes`,
    `${command} --dry-run`,
  ]);
}
