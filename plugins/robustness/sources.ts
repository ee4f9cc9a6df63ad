/** Whose masks are scored at every level: the model's, and those that it is compared with. */
import { maskBaselines, type MaskBaseline } from 'osc-trainer/sdk/metrics';
import type { EvaluationContext } from 'osc-trainer/sdk';
import { ATTENTION } from './scores';

export interface Source {
  /** In the names of its metrics: `attention` (which has none there), `l_recon`, `untrained/l_recon`, `blind/grid`. */
  readonly key: string;
  /** Column of the table, and name of the curve. */
  readonly label: string;
  /** What the model is compared with. */
  readonly baseline: boolean;
}

/** Blind masks, by key: two that a score has to be better than, and the best that tokens allow. */
const COMPARED: Readonly<Record<string, string>> = {
  'blind/grid': 'grid',
  'blind/colours': 'colours',
  ceiling: 'ceiling',
};

/** @param numSlots S */
export function comparedMasks(numSlots: number, { dimensions }: EvaluationContext['model']): MaskBaseline[] {
  return maskBaselines(numSlots, dimensions).filter(({ key }) => key in COMPARED);
}

/** The source of the same masks before training. */
export function untrainedKey(key: string): string {
  return key === ATTENTION ? 'untrained' : `untrained/${key}`;
}

/** All sources: the model's first. */
export function sourcesOf(
  { masks, untrained }: Pick<EvaluationContext, 'masks' | 'untrained'>,
  baselines: boolean,
): Source[] {
  const ofModel = [ATTENTION, ...masks.map(({ name }) => name)].map((key) => ({ key, label: key, baseline: false }));
  if (!baselines) return ofModel;
  const before = ofModel.map(({ key }) => {
    return { key: untrainedKey(key), label: untrainedKey(key).replace('/', ' '), baseline: true };
  });
  const blind = Object.entries(COMPARED).map(([key, label]) => ({ key, label, baseline: true }));
  return [...ofModel, ...(untrained === undefined ? [] : before), ...blind];
}
