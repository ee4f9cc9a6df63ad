/** Finds tfjs-node: as an optional peer dependency of the project, or where `osc engine install` put it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { installFolder } from './folders';
import { packageOf, TFJS_NODE_VERSION, VARIANTS, type Variant } from './variant';

const ADDON = 'tfjs_binding.node';

/** A package of tfjs-node that can be loaded. */
export interface FoundPackage {
  readonly variant: Variant;
  /** Folder of the package. */
  readonly folder: string;
  /** Its Node-API addon. */
  readonly addon: string;
}

/** The addon for the newest Node-API that this Node has; null where there is none. */
export function addonOf(folder: string): string | null {
  const lib = join(folder, 'lib');
  if (!existsSync(lib)) return null;
  const versions = readdirSync(lib)
    .map((name) => Number(/^napi-v(\d+)$/.exec(name)?.[1]))
    .filter((version) => version <= Number(process.versions.napi))
    .sort((a, b) => b - a);
  const files = versions.map((version) => join(lib, `napi-v${version}`, ADDON));
  return files.find((file) => existsSync(file)) ?? null;
}

/** The folder of the package below an engine's folder. */
export function packageFolder(engineFolder: string, variant: Variant): string {
  return join(engineFolder, 'node_modules', packageOf(variant));
}

/** Its folder in the project's node_modules, or in ours; null where it is not there, or has another version. */
function peerFolder(variant: Variant, cwd: string): string | null {
  for (const from of [join(cwd, 'package.json'), __filename]) {
    try {
      const manifest = createRequire(from).resolve(`${packageOf(variant)}/package.json`);
      const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown };
      if (version === TFJS_NODE_VERSION) return dirname(manifest);
    } catch {
      // it is not there
    }
  }
  return null;
}

/** The GPU package before the other; of each the project's own before the one that osc installed. */
export function findPackage(env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()): FoundPackage | null {
  for (const variant of VARIANTS) {
    for (const folder of [peerFolder(variant, cwd), packageFolder(installFolder(variant, env), variant)]) {
      const addon = folder === null ? null : addonOf(folder);
      if (folder !== null && addon !== null) return { variant, folder, addon };
    }
  }
  return null;
}
