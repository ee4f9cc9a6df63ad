/** What osc's own package.json says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PackageInfo {
  readonly version: string;
  /** Versions of Node it runs on, as a range. */
  readonly nodeRange: string;
}

export function packageInfo(): PackageInfo {
  const manifest = readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8');
  const { version, engines } = JSON.parse(manifest) as { version: string; engines: { node: string } };
  return { version, nodeRange: engines.node };
}
