/** A user's project in a temporary folder, with third-party plugins installed by npm. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FIXTURES = join(__dirname, 'fixtures/plugins');

export interface PluginProject {
  readonly dir: string;
  /** Where the sources of a fixture lie: outside the project, so that an installed one is a link to elsewhere. */
  sourceOf(fixture: string): string;
  /** Installs folders of fixtures: as links (npm's way with a folder), or as copies. */
  install(fixtures: readonly string[], how?: 'link' | 'copy'): void;
  /** Writes `osc.config.ts`. */
  enable(plugins: readonly string[], rest?: Readonly<Record<string, unknown>>): void;
  remove(): void;
}

export function createPluginProject(): PluginProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'osc-plugins-')));
  const dir = join(root, 'project');
  cpSync(FIXTURES, join(root, 'sources'), { recursive: true });
  cpSync(join(__dirname, 'fixtures/project'), dir, { recursive: true });
  const sourceOf = (fixture: string): string => join(root, 'sources', fixture);
  return {
    dir,
    sourceOf,
    install(fixtures, how = 'link') {
      const flags = ['--offline', '--no-audit', '--no-fund', '--loglevel=error'];
      const mode = how === 'copy' ? ['--install-links'] : [];
      execFileSync('npm', ['install', ...flags, ...mode, ...fixtures.map((name) => `../sources/${name}`)], {
        cwd: dir,
        stdio: 'pipe',
      });
    },
    enable(plugins, rest = {}) {
      writeFileSync(join(dir, 'osc.config.ts'), `export default ${JSON.stringify({ plugins, ...rest }, null, 2)};\n`);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
