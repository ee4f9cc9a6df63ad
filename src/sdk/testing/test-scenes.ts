/** Scenes for the contracts of what looks at test images: small, drawn from nothing but their index. */
import type { CategoricalAttribute, Sample } from '../contracts/data';
import type { TestSample } from '../contracts/evaluation';
import { prepareTestImage, prepareTestMasks, type Normalization } from '../image';
import { RandomSource } from '../random';

const ENTITIES = 4; // K: background, two objects, one that is not there
const HEIGHT = 20;
const WIDTH = 28;

export const SCENE_NORMALIZATION: Normalization = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };

/** What the objects can be told apart by. */
export const SCENE_CATEGORIES: readonly CategoricalAttribute[] = [
  { name: 'size', values: ['large', 'small'] },
  { name: 'color', values: ['red', 'green'] },
];

/** A scene of two boxes, with the attributes that published scenes have. */
function scene(index: number): Sample {
  const random = new RandomSource(index).stream('scene');
  const image = Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, () => random.integer(64));
  const masks = new Uint8Array(ENTITIES * HEIGHT * WIDTH);
  const boxes = [0, 1].map((k) => ({ left: 4 + 12 * k + random.integer(4), top: 2 + random.integer(8), side: 6 }));
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const inside = boxes.findIndex(
        ({ left, top, side }) => x >= left && x < left + side && y >= top && y < top + side,
      );
      masks[((inside + 1) * HEIGHT + y) * WIDTH + x] = 255;
      if (inside >= 0) image.fill(128 + 64 * inside, (y * WIDTH + x) * 3, (y * WIDTH + x) * 3 + 1 + inside);
    }
  }
  const floats = (of: (k: number) => number) => ({
    values: Float32Array.from({ length: ENTITIES }, (_, k) => of(k)),
    shape: [ENTITIES],
  });
  const isObject = (k: number): boolean => k > 0 && k < ENTITIES - 1;
  const attributes = {
    visibility: floats((k) => Number(k < ENTITIES - 1)),
    x: floats((k) => (isObject(k) ? random.uniform() : 0)),
    ...Object.fromEntries(
      SCENE_CATEGORIES.map(({ name, values }) => [
        name,
        {
          values: Uint8Array.from({ length: ENTITIES }, (_, k) =>
            isObject(k) ? 1 + random.integer(values.length) : 0,
          ),
          shape: [ENTITIES],
        },
      ]),
    ),
  };
  return { image, height: HEIGHT, width: WIDTH, masks, numMasks: ENTITIES, attributes };
}

/** A scene, prepared as evaluators and figures see it. @param imageSize `[h, w]` */
export function testScene(index: number, imageSize: readonly [number, number], withMasks: boolean): TestSample {
  const whole = scene(index);
  const { image, height, width, masks, attributes } = whole;
  const original: Sample = withMasks ? whole : { image, height, width };
  return {
    index,
    image: prepareTestImage(original, imageSize, SCENE_NORMALIZATION),
    masks: withMasks ? prepareTestMasks(masks!, [height, width], imageSize) : null,
    numMasks: withMasks ? ENTITIES : 0,
    visibility: withMasks ? Uint8Array.from(attributes!['visibility']!.values) : null,
    original,
  };
}
