/** What is pinned, and the record of what is done. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageOf, TFJS_NODE_VERSION, VARIANTS } from '../variant';
import { manifestsOf } from './packages';
import { Steps } from './steps';
import { wheelFor } from './wheels';

const root = JSON.parse(readFileSync(join(__dirname, '../../../../package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
};

describe.each(VARIANTS)('the packages for %s', (variant) => {
  const { manifest, lock } = manifestsOf(variant) as {
    manifest: { dependencies: Record<string, string> };
    lock: { packages: Record<string, { version?: string; integrity?: string; dependencies?: Record<string, string> }> };
  };

  test('are tfjs-node and the headers for its addon, in the manifest as in the lock file', () => {
    expect(Object.keys(manifest.dependencies).sort()).toEqual([packageOf(variant), 'node-api-headers']);
    expect(lock.packages['']!.dependencies).toEqual(manifest.dependencies);
    expect(lock.packages[`node_modules/${packageOf(variant)}`]!.version).toBe(TFJS_NODE_VERSION);
    expect(Object.keys(lock.packages).filter((place) => /tfjs-node(-gpu)?$/.test(place))).toHaveLength(1);
  });

  test('each have a checksum', () => {
    const packages = Object.entries(lock.packages).filter(([place]) => place !== '');
    expect(packages.length).toBeGreaterThan(50);
    for (const [, { integrity }] of packages) expect(integrity).toMatch(/^sha512-/);
  });

  test('are an optional peer dependency, and no dependency', () => {
    expect(root.peerDependencies[packageOf(variant)]).toBe(TFJS_NODE_VERSION);
    expect(root.peerDependenciesMeta[packageOf(variant)]).toEqual({ optional: true });
    expect(root.dependencies).not.toHaveProperty([packageOf(variant)]);
  });
});

test('the wheels agree with their file names', () => {
  for (const [variant, platform] of [
    ['cpu', 'linux-x64'],
    ['gpu', 'linux-x64'],
    ['cpu', 'linux-arm64'],
  ] as const) {
    const wheel = wheelFor(variant, platform)!;
    const name = `${wheel.project.replace('-', '_')}-${wheel.version}-cp${wheel.python.replace('.', '')}-`;
    expect(wheel.file).toMatch(new RegExp(`^${name}.*-${wheel.platform}\\.whl$`));
    expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
  }
  expect(wheelFor('gpu', 'linux-arm64')).toBeNull();
  expect(wheelFor('cpu', 'darwin-arm64')).toBeNull();
});

describe('steps', () => {
  const file = (): string => join(mkdtempSync(join(tmpdir(), 'osc-steps-')), 'steps.json');

  async function session(path: string, keys: readonly string[], failAt = -1): Promise<string[]> {
    const steps = new Steps(path);
    const ran: string[] = [];
    for (const [i, key] of keys.entries()) {
      await steps.run(`step ${i}`, key, async () => {
        ran.push(key);
        if (i === failAt) throw new Error('stop');
      });
    }
    return ran;
  }

  test('are done once', async () => {
    const path = file();
    expect(await session(path, ['a', 'b'])).toEqual(['a', 'b']);
    expect(await session(path, ['a', 'b'])).toEqual([]);
    expect(await session(path, ['a', 'b', 'c'])).toEqual(['c']);
  });

  test('are done again from the first whose key has changed', async () => {
    const path = file();
    await session(path, ['a', 'b', 'c']);
    expect(await session(path, ['a', 'B', 'c'])).toEqual(['B', 'c']);
  });

  test('that fail do not count, nor what came after them once', async () => {
    const path = file();
    await session(path, ['a', 'b', 'c']);
    await expect(session(path, ['a', 'B', 'c'], 1)).rejects.toThrow('stop');
    expect(await session(path, ['a', 'b', 'c'])).toEqual(['b', 'c']);
  });

  test('in a broken file are none', async () => {
    const path = file();
    writeFileSync(path, '[["step 0"');
    expect(await session(path, ['a'])).toEqual(['a']);
  });
});
