/** What an installation needs of the machine, besides programs. */
import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../../../sdk/errors';
import { installCommand, type Variant } from '../variant';
import { bytesIn, MEGABYTE } from './measure';
import { wheelFor, type Wheel } from './wheels';

/** Of the npm packages and the addon, rounded up. */
const PACKAGES_BYTES = 60e6;

/** What of this machine decides; tests give their own. */
export interface Machine {
  /** As `linux-x64`. */
  readonly platform: string;
  /** Version of the C library; null where it is not glibc. */
  readonly glibc: string | null;
  /** Bytes free for a path that need not be there yet. */
  readonly freeBytes: (path: string) => number;
}

export function thisMachine(): Machine {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return {
    platform: `${process.platform}-${process.arch}`,
    glibc: header.glibcVersionRuntime ?? null,
    freeBytes: (path) => {
      let folder = path;
      while (!existsSync(folder)) folder = dirname(folder);
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    },
  };
}

/** @throws UsageError where no wheel is pinned for this machine, or its C library is none or too old for it */
export function requireWheel(variant: Variant, machine: Machine): Wheel {
  const wheel = wheelFor(variant, machine.platform);
  if (wheel === null) {
    throw new UsageError(
      `There is no wheel to build ${variant === 'gpu' ? 'with a GPU' : 'on'} for ${machine.platform}.`,
      'Wheels are known for linux-x64 and, without a GPU, for linux-arm64.',
      [installCommand(variant)],
    );
  }
  const needed = /manylinux_(\d+)_(\d+)/.exec(wheel.platform)!.slice(1).map(Number) as [number, number];
  if (machine.glibc === null || !atLeast(machine.glibc, needed)) {
    throw new UsageError(
      `The library of ${wheel.file} needs the C library glibc ${needed.join('.')} or newer.`,
      machine.glibc === null ? 'The C library here is not glibc.' : `Here is ${machine.glibc}.`,
      [installCommand(variant)],
    );
  }
  return wheel;
}

/** @throws UsageError where the disk of `folder` has no room for what is not in it yet of the wheel and its content */
export function requireRoom(folder: string, wheel: Wheel, machine: Machine): void {
  const needed = PACKAGES_BYTES + wheel.bytes + wheel.unpackedBytes - bytesIn(folder);
  const free = machine.freeBytes(folder);
  if (free >= needed) return;
  const inMegabytes = (bytes: number): string => `${Math.ceil(bytes / MEGABYTE)} MB`;
  throw new UsageError(
    `The disk of ${folder} has not enough room.`,
    `The installation needs ${inMegabytes(needed)} for a while, and ${inMegabytes(free)} are free.`,
    ['OSC_ENGINES_DIR=FOLDER in the environment, on a larger disk'],
  );
}

function atLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}
