import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { addonOf, findPackage, packageFolder } from './find';
import { enginesFolder, installFolder } from './folders';
import type { Variant } from './variant';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'osc-find-')));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A folder that looks like an installed package. */
function fakePackage(folder: string, { version = '4.22.0', napi = [8], addon = true } = {}): string {
  for (const number of napi) mkdirSync(join(folder, `lib/napi-v${number}`), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version }));
  for (const number of addon ? napi : []) writeFileSync(join(folder, `lib/napi-v${number}/tfjs_binding.node`), '');
  return folder;
}

describe('the addon', () => {
  test('for the newest Node-API that this Node has', () => {
    const folder = fakePackage(root, { napi: [3, 8, 99] });
    expect(addonOf(folder)).toBe(join(root, 'lib/napi-v8/tfjs_binding.node'));
  });

  test('is none without lib, or without the file', () => {
    expect(addonOf(root)).toBeNull();
    expect(addonOf(fakePackage(root, { addon: false }))).toBeNull();
  });
});

describe('the package', () => {
  const installed = (variant: Variant): string =>
    packageFolder(installFolder(variant, { OSC_ENGINES_DIR: root }), variant);
  const find = () => findPackage({ OSC_ENGINES_DIR: root }, join(root, 'project'));

  test('is none where nothing is installed, or only JavaScript', () => {
    expect(find()).toBeNull();
    fakePackage(installed('cpu'), { addon: false });
    expect(find()).toBeNull();
  });

  test('for a GPU comes first', () => {
    fakePackage(installed('cpu'));
    expect(find()).toMatchObject({ variant: 'cpu', folder: installed('cpu') });
    fakePackage(installed('gpu'));
    expect(find()).toEqual({ variant: 'gpu', folder: installed('gpu'), addon: addonOf(installed('gpu')) });
  });

  test("that is the project's own comes before the one that osc installed, if it has the version", () => {
    fakePackage(installed('cpu'));
    const own = join(root, 'project/node_modules/@tensorflow/tfjs-node');
    fakePackage(own, { version: '4.21.0' });
    expect(find()?.folder).toBe(installed('cpu'));
    fakePackage(own);
    expect(find()?.folder).toBe(own);
  });
});

describe('the folder of engines', () => {
  test.each([
    [{ OSC_ENGINES_DIR: '/shared/engines', XDG_DATA_HOME: '/data' }, '/shared/engines'],
    [{ OSC_ENGINES_DIR: 'engines' }, resolve('engines')],
    [{ XDG_DATA_HOME: '/data' }, '/data/osc/engines'],
    [{ XDG_DATA_HOME: 'relative' }, expect.stringMatching(/osc.engines$/)],
    [{ OSC_ENGINES_DIR: '' }, expect.stringMatching(/osc.engines$/)],
  ])('of %j', (env, folder) => {
    expect(enginesFolder(env)).toEqual(folder);
  });

  test('has one for each version, platform and processor', () => {
    const folder = installFolder('gpu', { OSC_ENGINES_DIR: '/e' });
    expect(folder).toBe(`/e/tensorflow-gpu-4.22.0-${process.platform}-${process.arch}`);
    expect(dirname(folder)).toBe('/e');
  });
});
