import { RunError } from '../errors';

/** Where a record lies, for messages. */
export interface RecordPlace {
  readonly file: string;
  /** Number of the record in its file, from 0. */
  readonly index: number;
  /** Byte offset of the record in the (unpacked) file. */
  readonly offset: number;
}

/** Bytes that are not what their format says; whoever knows the record turns it into a {@link RunError}. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}

/** @param problem whole sentence */
export function brokenRecord(place: RecordPlace, problem: string, cause?: unknown): RunError {
  return new RunError(
    `Record ${place.index} of ${place.file} is broken (byte offset ${place.offset} of the unpacked file).`,
    problem,
    ['data.on_bad_record=skip counts and reports broken records instead of stopping'],
    { cause },
  );
}

/** Runs `decode`; a {@link FormatError} in it becomes a RunError that names the record. */
export function decodingRecord<T>(place: RecordPlace, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof FormatError) throw brokenRecord(place, error.message, error);
    throw error;
  }
}
