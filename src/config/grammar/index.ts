/** Hydra's grammar of overrides: reading and printing them. */
export { endOfInterpolation, splitArguments } from './balanced';
export type { Operation, Override } from './override';
export { parseOverride, parseOverrides, parseValue } from './parse';
export { printOverride, printValue } from './print';
export { expandSweep, sweepsOf } from './sweep';
