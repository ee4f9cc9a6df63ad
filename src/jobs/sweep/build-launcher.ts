/** The launcher and the sweeper that a config chooses. */
import type { OscConfig } from '../../config';
import type { Registry } from '../../registry';
import { LOGGER, RANDOM, RandomSource, type Launcher, type Logger, type Sweeper } from '../../sdk';

interface Chosen {
  readonly name: string;
  readonly options: unknown;
}

/** @throws UsageError for options that it does not have */
export async function buildLauncher(
  { name, options }: Chosen,
  registry: Registry,
  onNote: (text: string) => void,
): Promise<Launcher> {
  return registry.create<Launcher>('launcher', name, { options, provide: new Map([[LOGGER, noteLogger(onNote)]]) });
}

/** @throws UsageError for options that it does not have */
export async function buildSweeper(
  { name, options }: OscConfig['sweeper'],
  registry: Registry,
  onNote: (text: string) => void,
): Promise<Sweeper> {
  const provide = new Map<symbol, unknown>([
    [LOGGER, noteLogger(onNote)],
    // a seed of its own is among its options: the same sweep has the same jobs
    [RANDOM, new RandomSource(0).scope('sweeper')],
  ]);
  return registry.create<Sweeper>('sweeper', name, { options, provide });
}

function noteLogger(onNote: (text: string) => void): Logger {
  const nothing = (): void => undefined;
  return { error: onNote, warn: onNote, info: onNote, debug: nothing };
}
