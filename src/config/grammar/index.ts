/** Hydra's grammar of overrides: reading and printing them. */
export { endOfInterpolation, splitArguments } from './balanced';
export { globNames } from './glob';
export type { Choice, Operation, Override, Sweep } from './override';
export { parseOverride, parseOverrides, parseValue, refuseTooMany } from './parse';
export { printHead, printOverride, printTyped, printValue } from './print';
