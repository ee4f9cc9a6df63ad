/** Writing the samples of a generated data set to a file. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Dataset, GeneratedDataset } from '../../sdk';
import { RecordWriter, keepRecordCount } from '../../sdk/data';
import { RunError, UsageError } from '../../sdk/errors';
import type { Progress } from '../../sdk/logger';
import { expandHome } from '../../util/home';

export interface SynthesizeOptions {
  readonly dataset: Dataset;
  /** Its name in the config, for messages. */
  readonly name: string;
  /** How many samples. */
  readonly count: number;
  /** File to write; may begin with `~`. */
  readonly file: string;
  readonly overwrite: boolean;
  /** Stops early; nothing is left then. */
  readonly signal?: AbortSignal;
}

export interface SynthesizedFile {
  readonly file: string;
  readonly records: number;
  readonly bytes: number;
}

function isGenerated(dataset: Dataset): dataset is GeneratedDataset {
  return 'synthesize' in dataset && typeof dataset.synthesize === 'function';
}

/**
 * Writes samples 0 to `count - 1` as whole records of the published format (GZIP). The file gets its name only when it is
 * whole.
 *
 * @throws UsageError if the data set is not a generated one or the file is there already
 * @throws RunError when stopped or when the file cannot be written; then nothing is left
 */
export async function synthesizeFile(options: SynthesizeOptions, progress: Progress): Promise<SynthesizedFile> {
  const { dataset, name, count, overwrite, signal } = options;
  if (!isGenerated(dataset)) {
    throw new UsageError(`The data set ${name} is not generated: its samples come from files.`, undefined, [
      'osc plugins list --kind dataset',
    ]);
  }
  const file = expandHome(options.file);
  if (existsSync(file) && !overwrite) {
    throw new UsageError(`The file ${file} is there already.`, 'It is not overwritten unasked.', ['--overwrite']);
  }
  const writer = await RecordWriter.create(file, { overwrite });
  progress.start('Generating', count, 'scenes');
  try {
    for await (const record of dataset.synthesize(count)) {
      if (signal?.aborted) throw new RunError('Stopped before all scenes were generated; no file was written.');
      await writer.write(record);
      progress.update(writer.records);
    }
    await writer.close();
  } finally {
    await writer.discard();
    progress.stop();
  }
  await keepRecordCount(file, writer.records);
  return { file, records: writer.records, bytes: (await stat(file)).size };
}
