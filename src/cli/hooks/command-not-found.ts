import type { Hook } from '@oclif/core';
import { unknownCommand } from '../unknown-command';

const hook: Hook.CommandNotFound = ({ id, config }) => {
  throw unknownCommand(id, config.commandIDs);
};

export default hook;
