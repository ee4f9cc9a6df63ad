import { chownSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadConfigFile } from '.';

const USER = process.geteuid!();
/** Neither root's nor the user's. */
const OTHER = USER + 4321;

/** A config file that does not belong to the user: where tests may not give files away, the user is somebody else. */
function fileOfOthers(name: string, text: string): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'osc-owner-')));
  writeFileSync(join(dir, 'package.json'), '{}');
  writeFileSync(join(dir, name), text);
  if (USER === 0) chownSync(join(dir, name), OTHER, OTHER);
  else jest.spyOn(process, 'geteuid').mockReturnValue(OTHER);
  return join(dir, name);
}

afterEach(() => {
  jest.restoreAllMocks();
  delete process.env['OSC_SAFE_FOLDERS'];
  delete process.env['SUDO_UID'];
});

it.each([
  ['osc.config.js', "throw new Error('it was run')"],
  ['osc.config.yaml', 'plugins: [./mine]'],
])('%s of another user is not run', async (name, text) => {
  await expect(loadConfigFile(dirname(fileOfOthers(name, text)))).rejects.toThrow(/belongs to another user/);
});

it('values of another user are read: they run nothing', async () => {
  const file = fileOfOthers('osc.config.yaml', 'training: {batch_size: 8}');
  expect((await loadConfigFile(dirname(file))).path).toBe(file);
});

it.each(['*', 'the folder'])('OSC_SAFE_FOLDERS=%s: whoever it belongs to', async (folders) => {
  const file = fileOfOthers('osc.config.js', 'module.exports = { training: { batch_size: 8 } };');
  process.env['OSC_SAFE_FOLDERS'] = folders === '*' ? '*' : `/elsewhere:${dirname(file)}`;
  expect((await loadConfigFile(dirname(file))).path).toBe(file);
});
