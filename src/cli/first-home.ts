/**
 * Imported before any library. In a container of a user without an entry nobody has said where home is, and libraries that ask Node
 * fail as they are loaded. As container runtimes do: `/`, where what cannot be written is then told with its path.
 */
import { homedir } from 'node:os';

try {
  homedir();
} catch {
  process.env['HOME'] = '/';
}
