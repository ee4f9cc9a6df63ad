/** By what a model can be tried on scenes unlike those of the data set: the knobs, one at a time. */
import type { DatasetVariation, VariationLevel } from 'osc-trainer/sdk';
import type { ScenesOptions } from './options';

type Knob = 'objects' | 'pairs' | 'occlusion' | 'light' | 'camera' | 'ground' | 'texture';

const OBJECTS = [2, 4, 6, 8, 10] as const;
const PAIRS = ['all', 'seen', 'held_out'] as const;
/** `chance` is CLEVR's: more than 0, less than 0.5. */
const OCCLUSION = [
  { name: '0', value: 0, occlusion: 0 },
  { name: 'chance', value: 0.051, occlusion: null },
  { name: '0.5', value: 0.5, occlusion: 0.5 },
  { name: '1', value: 1, occlusion: 1 },
] as const;
const STRENGTHS = [0, 0.25, 0.5, 1] as const;

const LABELS: Readonly<Record<Knob, string>> = {
  objects: 'objects in a scene',
  pairs: 'colour and shape',
  occlusion: 'occlusion',
  light: 'light',
  camera: 'camera',
  ground: 'pattern of the ground',
  texture: 'patterns of the objects',
};

/** @param numSamples scenes in the test split of a level, and no more than need be in the others */
export function variationsOf(options: ScenesOptions, numSamples: number): readonly DatasetVariation[] {
  const few = { num_train: 1, num_val: 1, num_test: numSamples };
  const variation = (
    name: Knob,
    current: DatasetVariation['current'],
    levels: readonly VariationLevel[],
  ): DatasetVariation => ({
    name,
    label: LABELS[name],
    current,
    levels: levels
      .filter((level) => level.value !== current.value)
      .map((level) => ({ ...level, options: { ...few, ...level.options } })),
  });
  const { min_objects: min, max_objects: max, pairs, occlusion } = options;
  const strengthOf = (name: 'light' | 'camera' | 'ground' | 'texture'): DatasetVariation =>
    variation(name, strength(options[name]), STRENGTHS.map((value) => ({ ...strength(value), options: { [name]: value } }))); // prettier-ignore
  return [
    variation(
      'objects',
      min === max ? { name: `${min}`, value: min } : { name: `${min}-${max}`, value: (min + max) / 2 + 0.01 },
      OBJECTS.map((n) => ({ name: `${n}`, value: n, options: { min_objects: n, max_objects: n } })),
    ),
    variation(
      'pairs',
      { name: pairs, value: PAIRS.indexOf(pairs) },
      PAIRS.map((which, value) => ({ name: which, value, options: { pairs: which } })),
    ),
    variation(
      'occlusion',
      occlusion === null ? { name: 'chance', value: 0.051 } : strength(occlusion),
      OCCLUSION.map(({ occlusion: how, ...level }) => ({ ...level, options: { occlusion: how } })),
    ),
    ...(['light', 'camera', 'ground', 'texture'] as const).map(strengthOf),
  ];
}

function strength(value: number): DatasetVariation['current'] {
  return { name: `${value}`, value };
}
