import { ignoresHangup } from './hangup';

/** What Linux says of this process's input and of its parent. */
const files = (flags: string, ignored: string) => (file: string) => {
  if (file === '/proc/self/fdinfo/0') return `pos:\t0\nflags:\t${flags}\nmnt_id:\t1\n`;
  if (file === '/proc/7/status') return `Name:\tbash\nSigIgn:\t${ignored}\nSigCgt:\t0000000000004001\n`;
  throw new Error('ENOENT');
};
const READ_WRITE = '0100002';
const NONE = '0000000000001000';

test.each([
  ['nothing', { _: '/usr/bin/node' }, files(READ_WRITE, NONE), false],
  ['nohup, as bash started it', { _: '/usr/bin/nohup' }, files(READ_WRITE, NONE), true],
  ['another program of such a name', { _: '/usr/bin/nohupper' }, files(READ_WRITE, NONE), false],
  ['an input that nohup took away', {}, files('0100001', NONE), true],
  ['an input that is only read', {}, files('0100000', NONE), false],
  ['a shell that ignores SIGHUP', {}, files(READ_WRITE, '0000000000001001'), true],
  [
    'no /proc',
    {},
    () => {
      throw new Error('ENOENT');
    },
    false,
  ],
])('%s', (_, env, read, expected) => {
  expect(ignoresHangup(env, 7, read)).toBe(expected);
});
