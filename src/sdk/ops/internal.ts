/** What osc itself needs of this room and no plugin does. */
export { runOp } from './op-registry';
