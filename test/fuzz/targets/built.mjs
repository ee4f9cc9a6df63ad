/** What is tested: the built code. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

export const built = (path) => require(`../../../dist/${path}.js`);
