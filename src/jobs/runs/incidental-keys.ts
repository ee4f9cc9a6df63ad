/** Keys of the config that change neither what is trained nor what is measured: places, what is told and kept, and by what it is computed. */
export const INCIDENTAL: readonly string[] = [
  'other.tqdm',
  'other.device',
  'data.num_workers',
  'data.viz',
  'data.root',
  'data.cache_dir',
  'data.threads',
  'engine',
  'launcher',
  'sweeper',
  'logging',
  'training.checkpoint_interval',
  'training.checkpoint_steps',
  'training.keep_checkpoints',
];

/** Of draws: runs that differ in these alone are the same experiment. */
export const SEEDS: readonly string[] = ['other.seed', 'data.train.seed', 'data.val.seed'];

export function isAmong(key: string, keys: readonly string[]): boolean {
  return keys.some((one) => key === one || key.startsWith(`${one}.`));
}
