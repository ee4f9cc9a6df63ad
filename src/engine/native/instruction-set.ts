/** Which of the addon's instruction sets is taken. */
import { nearNames } from '../../util/near-names';

/** The environment variable that chooses among those that the addon has for this processor. */
export const INSTRUCTION_SET_VARIABLE = 'OSC_INSTRUCTION_SET';

export type ChosenSet =
  | { readonly name: string; readonly isForced: boolean }
  /** The variable says one that is not there: phrases. */
  | { readonly problem: string; readonly available: string; readonly hints: readonly string[] };

/** @param available best first */
export function chooseInstructionSet(
  available: readonly string[],
  wanted = process.env[INSTRUCTION_SET_VARIABLE],
): ChosenSet {
  if (wanted === undefined || wanted === '') return { name: available[0]!, isForced: false };
  if (available.includes(wanted)) return { name: wanted, isForced: true };
  return {
    problem: `${INSTRUCTION_SET_VARIABLE} is "${wanted}", which this processor does not have`,
    available: available.join(', '),
    hints: nearNames(wanted, available).map((near) => `${INSTRUCTION_SET_VARIABLE}=${near}`),
  };
}

/** As the processor's maker calls it, and `osc doctor` on the line of the processor. */
export function inWords(name: string, architecture: string = process.arch): string {
  if (name === 'AVX512') return 'AVX-512';
  if (name !== 'BASE') return name;
  return architecture === 'arm64' ? 'NEON' : 'SSE2';
}
