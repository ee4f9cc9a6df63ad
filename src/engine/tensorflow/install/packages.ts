/** The npm packages: tfjs-node without its install script, at the versions and checksums of the lock file beside this one. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunError } from '../../../sdk/errors';
import { VARIANTS, packageOf, type Variant } from '../variant';
import type { InstallContext } from './context';
import { watch } from './measure';
import lock from './packages.lock.json';
import { lastLines } from '../process';

/**
 * In place of the union package `@tensorflow/tfjs` (280 MB with all it needs) comes tfjs-core alone, and that only because npm
 * has to put something there: the loader gives tfjs-node the running tfjs-core.
 */
const OVERRIDES = { '@tensorflow/tfjs': 'npm:@tensorflow/tfjs-core@4.22.0' };

interface Manifests {
  readonly manifest: object;
  readonly lock: { readonly packages: Readonly<Record<string, object>> };
}

/** `package.json` and `package-lock.json` of one variant; the lock file here has both. */
export function manifestsOf(variant: Variant): Manifests {
  const other = packageOf(VARIANTS.find((one) => one !== variant)!);
  const { '': root, ...packages } = lock.packages;
  const dependencies = without(root.dependencies, other);
  const own = { ...root, dependencies };
  return {
    manifest: { name: lock.name, version: lock.version, private: true, dependencies, overrides: OVERRIDES },
    lock: { ...lock, packages: { '': own, ...without(packages, `node_modules/${other}`) } },
  };
}

function without(map: object, key: string): Record<string, object> {
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key)) as Record<string, object>;
}

/** Stands for what this step installs. */
export function packagesKey(variant: Variant): string {
  return JSON.stringify(manifestsOf(variant));
}

/** @throws RunError with npm's words */
export async function installPackages({ variant, folder, tools, run, progress }: InstallContext): Promise<void> {
  const manifests = manifestsOf(variant);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifests.manifest, null, 2));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(manifests.lock, null, 2));
  const places = Object.keys(manifests.lock.packages)
    .filter(Boolean)
    .map((place) => join(folder, place, 'package.json'));
  const task = {
    label: 'npm packages',
    total: places.length,
    unit: 'packages',
    measure: () => places.filter((place) => existsSync(place)).length,
  };
  const result = await watch(progress, task, () =>
    run(tools.npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder }),
  );
  if (result.code === 0) return;
  throw new RunError(`npm could not install ${packageOf(variant)}.`, lastLines(result, 5), [
    'run the command again when the registry can be reached',
  ]);
}
