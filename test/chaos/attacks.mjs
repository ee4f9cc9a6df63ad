/** What `npm run chaos` does to osc: { name, what it does and what must hold, run(round) }. */
import { closedPipes } from './attacks/closed-pipes.mjs';
import { corruption } from './attacks/corruption.mjs';
import { figures } from './attacks/figures.mjs';
import { fullDisk } from './attacks/full-disk.mjs';
import { kill } from './attacks/kill.mjs';
import { lockRaces } from './attacks/lock-races.mjs';
import { signals } from './attacks/signals.mjs';

export const ATTACKS = [kill, signals, fullDisk, closedPipes, lockRaces, corruption, figures];
