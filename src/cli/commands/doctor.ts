import { diagnose } from '../../jobs';
import { BaseCommand } from '../base-command';

export default class Doctor extends BaseCommand {
  static override summary = 'Tell what this machine has to train with, and which engine osc takes.';
  static override description =
    'Lists the engines: what each needs, what was found, how to get it, and what engine.name=auto takes and why; the ' +
    'instruction set, cores, threads, memory and the version of Node. Exits with code 1 where osc cannot train here.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'for a script', command: '<%= config.bin %> <%= command.id %> --json' },
  ];

  async run(): Promise<unknown> {
    await this.parse(Doctor);
    const diagnosis = await diagnose();
    if (!this.jsonEnabled()) {
      const { describeDiagnosis } = await import('../describe-diagnosis.js');
      this.log(describeDiagnosis(diagnosis));
    }
    if (diagnosis.problems.length > 0) process.exitCode = 1;
    return diagnosis;
  }
}
