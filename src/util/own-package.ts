import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface OwnPackage {
  readonly name: string;
  readonly version: string;
  /** Versions of Node it runs on, as a range. */
  readonly nodeRange: string;
  /** Its package.json. */
  readonly file: string;
}

/** The package of osc itself. Built or run from source, it lies two folders above this one. */
export function ownPackage(): OwnPackage {
  const file = join(__dirname, '../../package.json');
  const { name, version, engines } = JSON.parse(readFileSync(file, 'utf8')) as {
    name: string;
    version: string;
    engines: { node: string };
  };
  return { name, version, nodeRange: engines.node, file };
}
