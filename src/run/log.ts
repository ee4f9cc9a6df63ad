/**
 * The winston logger of a run: lines for people on the console and in `train.log`, the same as JSON lines in
 * `train.log.jsonl`.
 */
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLogger, format, transports, type Logger as WinstonLogger } from 'winston';
import { UsageError } from '../sdk';
import { refuseOtherThanFile } from '../util/regular-file';
import { visible } from '../util/text';
import { dropTornLine } from '../util/torn-line';
import { explainDiskError } from './explain-disk-error';

export const LOG_FILE = 'train.log';
export const JSON_LOG_FILE = 'train.log.jsonl';

export interface RunLog {
  readonly logger: WinstonLogger;
  /** From now on also into the run directory. */
  openFiles(runDir: string): void;
  /** The error that ends the run, for the files alone: the command prints it. Nothing goes to the console afterwards. */
  logFailure(message: string): void;
  /** Throws what went wrong when a line could not be written: a stream's error would come too late to be told well. */
  throwWriteError(): void;
}

const plainLine = format.printf(({ timestamp, level, message }) => {
  const label = level === 'info' ? '' : `${level}: `;
  return `[${String(timestamp)}] ${label}${visible(String(message))}`;
});

/**
 * @param write where console lines go; null for none (`--json`)
 * @param level winston level of the console; files get `debug` and above
 */
export function createRunLog(write: ((line: string) => void) | null, level = 'info'): RunLog {
  const timestamp = format.timestamp({ format: 'YYYY-MM-DD HH:mm:ss' });
  const logger = createLogger({ level: 'debug' });
  const consoleStream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      write?.(chunk.toString().trimEnd());
      done();
    },
  });
  const consoleTransport = new transports.Stream({
    stream: consoleStream,
    level,
    silent: write === null,
    format: format.combine(format.timestamp({ format: 'HH:mm:ss' }), plainLine),
  });
  logger.add(consoleTransport);
  let failure: { error: unknown; path: string } | undefined;

  /** Written at once: a killed run has all its lines. */
  const fileStream = (path: string): Writable => {
    try {
      refuseOtherThanFile(path);
    } catch (error) {
      throw new UsageError(`The log ${path} cannot be written.`, (error as Error).message, [], { cause: error });
    }
    dropTornLine(path);
    const file = openSync(path, 'a');
    return new Writable({
      write(chunk: Buffer, _encoding, done) {
        try {
          writeSync(file, chunk);
        } catch (error) {
          failure ??= { error, path };
        }
        done();
      },
    });
  };

  return {
    logger,
    openFiles(runDir) {
      const text = join(runDir, LOG_FILE);
      const json = join(runDir, JSON_LOG_FILE);
      logger.add(new transports.Stream({ stream: fileStream(text), format: format.combine(timestamp, plainLine) }));
      logger.add(new transports.Stream({ stream: fileStream(json), format: format.combine(timestamp, format.json()) }));
    },
    logFailure(message) {
      consoleTransport.silent = true;
      logger.error(message);
    },
    throwWriteError() {
      if (failure) throw explainDiskError(failure.error, failure.path, []);
    },
  };
}
