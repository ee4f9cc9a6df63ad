/**
 * Where engines are installed: in the user's data folder, outside of every project, so that `npm ci` does not wipe them and all
 * projects share one. The folder's name has what a binary depends on, so that machines of several kinds can share a home.
 */
import { join, resolve } from 'node:path';
import { dataHome } from '../../util/home';
import { TFJS_NODE_VERSION, type Variant } from './variant';

/** Names another folder for engines; programs that install run in other folders, so a relative one is made absolute. */
export const ENGINES_DIR_VARIABLE = 'OSC_ENGINES_DIR';

export function enginesFolder(env: NodeJS.ProcessEnv = process.env): string {
  const own = env[ENGINES_DIR_VARIABLE];
  if (own !== undefined && own !== '') return resolve(own);
  return join(dataHome(env), 'osc', 'engines');
}

export function installFolder(variant: Variant, env: NodeJS.ProcessEnv = process.env): string {
  const name = `tensorflow-${variant}-${TFJS_NODE_VERSION}-${process.platform}-${process.arch}`;
  return join(enginesFolder(env), name);
}
