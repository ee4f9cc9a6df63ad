import { join } from 'node:path';
import { cacheHome } from '../../util/home';
import { writeFailure } from './atomic-file';

const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });

test('a cache that cannot be written: how to have it elsewhere', () => {
  expect(writeFailure(join(cacheHome(), 'osc', 'file'), denied)).toMatchObject({
    why: 'Permission was denied.',
    hints: [expect.stringMatching(/^XDG_CACHE_HOME=FOLDER osc /)],
  });
  expect(writeFailure('/elsewhere/file', denied).hints).toEqual([]);
});
