/** Plugin packages in a temporary folder, for the tests of this folder. */
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export function temporaryFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'osc-registry-')));
}

/** Writes files by relative path; what is not text becomes JSON. @returns `dir` */
export function writeFiles(dir: string, files: Readonly<Record<string, unknown>>): string {
  for (const [name, content] of Object.entries(files)) {
    const file = join(dir, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }
  return dir;
}

export const LISTED = { kind: 'tracker', name: 'null', summary: 'Tracks nothing' };

/** A `package.json`. */
export function manifest(name: string, components: readonly object[] = [LISTED], rest: object = {}): object {
  return { name, version: '1.0.0', oscPlugin: { apiVersion: 1, main: './main.js', components }, ...rest };
}

/** A main module that exports a class for each of these. */
export function mainWith(...components: readonly object[]): string {
  const classes = components.map(
    (one, i) =>
      `class Class${i} { constructor(options) { this.options = options; } }
       component({ ...${JSON.stringify(one)}, options }, [OPTIONS])(Class${i});
       exports.Class${i} = Class${i};`,
  );
  return `const { component, OPTIONS, z } = require('osc-trainer/sdk');
          const options = z.strictObject({ level: z.int().default(3).describe('how much') });
          ${classes.join('\n')}`;
}
