/** Unpacks TensorFlow's library and headers from the wheel to where tfjs-node looks for them. */
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { RunError } from '../../../sdk/errors';
import { packageFolder } from '../find';
import type { InstallContext } from './context';
import { bytesIn, MEGABYTE, watch } from './measure';
import { lastLines } from '../process';
import { wheelPath } from './wheel';
import type { Wheel } from './wheels';

/** Python, as it is there anyway: pip needs it. Reading a member checks its CRC. */
const UNPACK = `
import os, re, shutil, sys, zipfile
wheel, deps = sys.argv[1:]
LIBRARY = re.compile(r'tensorflow/(libtensorflow(?:_cc|_framework)\\.so\\.2)')
HEADER = re.compile(r'tensorflow/include/((?:tensorflow/c|tensorflow/core/platform|(?:xla/)?tsl/(?:c|platform))/.*\\.h)')
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        library, header = LIBRARY.fullmatch(name), HEADER.fullmatch(name)
        if library: target = os.path.join(deps, 'lib', library[1])
        elif header: target = os.path.join(deps, 'include', header[1])
        else: continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(name) as source, open(target, 'wb') as out:
            shutil.copyfileobj(source, out, 1 << 24)
`;

/** Names that the linker is given, and files of the wheel. */
const LINKS: readonly (readonly [string, string])[] = [
  ['libtensorflow.so', 'libtensorflow_cc.so.2'],
  ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
];

/** @throws RunError with Python's words */
export async function unpackLibrary(context: InstallContext, wheel: Wheel): Promise<void> {
  const { variant, folder, tools, run, progress } = context;
  const deps = join(packageFolder(folder, variant), 'deps');
  rmSync(deps, { recursive: true, force: true });
  const task = {
    label: 'TensorFlow library',
    total: wheel.unpackedBytes / MEGABYTE,
    unit: 'MB',
    measure: () => bytesIn(deps) / MEGABYTE,
  };
  const result = await watch(progress, task, () =>
    run(tools.python, ['-I', '-', wheelPath(folder, wheel), deps], { input: UNPACK }),
  );
  if (result.code !== 0) {
    throw new RunError(`The wheel ${wheel.file} could not be unpacked.`, lastLines(result), [
      `make room on the disk of ${folder}, and run the command again`,
    ]);
  }
  for (const [name, file] of LINKS) symlinkSync(file, join(deps, 'lib', name));
}
