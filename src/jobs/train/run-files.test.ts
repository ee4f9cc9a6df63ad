import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OscConfig } from '../../config';
import { CONFIG_FILE } from '../../run';
import { writeConfig } from './run-files';

test('a folder is a run only once it has all that a resume reads', async () => {
  const runDir = mkdtempSync(join(tmpdir(), 'osc-run-files-'));
  const isRun = (): boolean => existsSync(join(runDir, CONFIG_FILE));
  const write = (): Promise<void> => {
    const registry = { spec: { plugins: [] } } as unknown as Parameters<typeof writeConfig>[2]['registry'];
    return writeConfig(runDir, { unlisted: {} } as OscConfig, { registry, overrides: [], resume: false });
  };
  const inTheWay = join(runDir, 'overrides.yaml');
  mkdirSync(inTheWay); // as if the process had ended there
  await expect(write()).rejects.toThrow();
  expect(isRun()).toBe(false);
  rmSync(inTheWay, { recursive: true });
  await write();
  expect(isRun()).toBe(true);
});
