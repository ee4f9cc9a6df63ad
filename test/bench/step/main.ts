/** `npm run bench`: see options.ts for what it takes, docs/engines.md for how to read it. */
import { cpus, loadavg } from 'node:os';
import { UsageError } from 'osc-trainer/sdk';
import { handleError } from '../../../src/cli/handle-error';
import type { Measurement } from './measure';
import { parseOptions, USAGE, type BenchOptions, type Settings } from './options';
import { checkPeer, MEASURE, measureInChild, measurePeer, type ChildMessage } from './processes';
import { describeReport, headline, makeReport, roundLine } from './report';
import type { Timing } from './statistics';

async function bench(options: BenchOptions): Promise<void> {
  const { peer: python, rounds, json } = options;
  if (python !== null) await checkPeer(python);
  const say = (text: string): void => {
    if (!json) console.log(text);
  };
  const machine = { processor: cpus()[0]!.model, cores: cpus().length, node: process.version, load: loadavg()[0]! };
  say(headline(options, machine));
  const ours: Measurement[] = [];
  const peer: Timing[] = [];
  for (let round = 0; round < rounds; round++) {
    const turns = [
      async (): Promise<void> => {
        ours.push(await measureInChild(options));
        if (rounds > 1) say(roundLine(round, 'osc', 2 * options.images, ours.at(-1)!));
      },
      async (): Promise<void> => {
        if (python === null) return;
        peer.push(await measurePeer(python, options));
        if (rounds > 1) say(roundLine(round, 'torch', 2 * options.images, peer.at(-1)!));
      },
    ];
    // who comes first changes, so that a machine that warms up favours neither
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  const report = makeReport(options, machine, ours, peer);
  console.log(json ? JSON.stringify(report, null, 2) : describeReport(report));
}

async function main([first, settings, ...rest]: readonly string[]): Promise<void> {
  if (first === MEASURE) {
    const { measure } = await import('./measure.js'); // only here: the parent stays small
    const message = await measure(JSON.parse(settings!) as Settings).then(
      (measured): ChildMessage => ({ measured }),
      (error: unknown): ChildMessage => {
        if (!(error instanceof UsageError)) throw error;
        const { what, why, hints } = error;
        return { refused: { what, why, hints } };
      },
    );
    process.send!(message, () => {
      process.disconnect();
    });
    return;
  }
  const options = parseOptions([first, settings, ...rest].filter((arg) => arg !== undefined));
  if (options === null) console.log(USAGE);
  else await bench(options);
}

main(process.argv.slice(2)).catch(handleError);
