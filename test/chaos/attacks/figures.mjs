import { killAndResume } from './kill.mjs';

export const figures = {
  name: 'figures',
  what: 'SIGKILL of a training that tests and draws every epoch: no evaluation twice, each figure there, the same bytes',
  run: (round) => killAndResume(round, 'figures', round.draws.integer(1, 2)),
};
