import { UsageError } from '../sdk/errors';

/** @throws UsageError where the working directory was removed: no path can be told from there */
export function checkWorkingDirectory(): void {
  try {
    process.cwd();
  } catch (error) {
    throw new UsageError('The working directory is not there any more.', undefined, ['cd to a folder that is there'], {
      cause: error,
    });
  }
}
