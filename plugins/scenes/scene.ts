/** One generated scene, a pure function of (seed, index) and the options. */
import type { RandomSource, RandomStream, Sample } from 'osc-trainer/sdk';
import type { FieldSpec } from 'osc-trainer/sdk/data';
import { drawLayout, type Layout, type LayoutOptions } from './layout';
import { Renderer } from './render';
import { Solid } from './solid';
import { CATEGORIES, type Category, type SceneObject } from './vocabulary';
import { findVisible, type Visible } from './visible';

/** Background and up to ten objects, as in the published data set. */
export const NUM_MASKS = 11;
const MASKED = 255;

export interface SceneOptions extends LayoutOptions {
  /** Fewest pixels of each object that must be seen in an image of 240 x 320; in others, in proportion. */
  readonly minVisible: number;
}

/** Fields of a record that holds the image alone, and of a whole one: the published ones, at another size of image. */
export function sceneFields({
  height,
  width,
}: Pick<SceneOptions, 'height' | 'width'>): Record<'image' | 'whole', readonly FieldSpec[]> {
  const image = [height, width, 3];
  const floats = (name: string): FieldSpec => ({ name, type: 'float32', shape: [NUM_MASKS] });
  return {
    image: [{ name: 'image', type: 'tensor', shape: image }],
    whole: [
      { name: 'image', type: 'uint8', shape: image },
      { name: 'mask', type: 'uint8', shape: [NUM_MASKS, height, width, 1] },
      ...['visibility', 'x', 'y', 'z'].map(floats),
      { name: 'pixel_coords', type: 'float32', shape: [NUM_MASKS, 3] },
      floats('rotation'),
      ...CATEGORIES.map(({ name }): FieldSpec => ({ name, type: 'uint8', shape: [NUM_MASKS] })),
    ],
  };
}

/** Draws scene `index`, renders it and gives it the fields of the published CLEVR with masks. */
export function generateScene(random: RandomSource, index: number, options: SceneOptions): Sample {
  const { height, width } = options;
  const fewest = options.minVisible * ((height * width) / (240 * 320));
  let solids: Solid[] = [];
  let visible: Visible | undefined;
  const look = (what: string): RandomStream => random.stream(what, index);
  const layout = drawLayout(random.stream('scene', index), look, options, ({ camera, objects, textures }) => {
    solids = objects.map((object, i) => new Solid(object, textures[i]));
    visible = findVisible(solids, camera);
    const { counts, whole } = visible;
    return (
      counts.every((count) => count >= fewest) &&
      (options.occlusion !== 0 || whole.every((pixels, i) => pixels === counts[i + 1]))
    );
  });
  const { ids } = visible!;
  const masks = new Uint8Array(NUM_MASKS * height * width);
  for (let at = 0; at < ids.length; at++) masks[ids[at]! * ids.length + at] = MASKED;
  return {
    image: new Renderer(layout, solids, visible!).render(),
    height,
    width,
    masks,
    numMasks: NUM_MASKS,
    attributes: attributesOf(layout),
  };
}

type Attributes = NonNullable<Sample['attributes']>;

/** Attributes by object, the background (zeros, but visible) first, zeros after the last object. */
function attributesOf({ camera, objects }: Layout): Attributes {
  const floats = (of: (object: SceneObject) => number, background = 0) => ({
    values: Float32Array.from({ length: NUM_MASKS }, (_, i) =>
      i === 0 ? background : objects[i - 1] ? of(objects[i - 1]!) : 0,
    ),
    shape: [NUM_MASKS],
  });
  const codes = (name: Category) => ({
    values: Uint8Array.from({ length: NUM_MASKS }, (_, i) => objects[i - 1]?.[name] ?? 0),
    shape: [NUM_MASKS],
  });
  const pixels = new Float32Array(NUM_MASKS * 3);
  for (const [i, { x, y, z }] of objects.entries()) pixels.set(camera.project([x, y, z]), 3 * (i + 1));
  return {
    x: floats((object) => object.x),
    y: floats((object) => object.y),
    z: floats((object) => object.z),
    rotation: floats((object) => object.rotation),
    visibility: floats(() => 1, 1),
    pixel_coords: { values: pixels, shape: [NUM_MASKS, 3] },
    size: codes('size'),
    material: codes('material'),
    shape: codes('shape'),
    color: codes('color'),
  };
}
