import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { component, type ComponentClass } from '../../component';
import type { Figure, FigureContext, NoPicture, Picture } from '../../contracts/figure';
import { Canvas } from '../../image';
import { forwardSamples } from '../../test-batches';
import { testComponent } from '../index';
import { failuresOf } from '../run-contract';

const figure = component({ kind: 'figure', name: 'sample', summary: 'A figure', options: z.strictObject({}) });
const failures = (figureClass: ComponentClass): Promise<Record<string, string>> =>
  failuresOf((runner) => testComponent(figureClass, { runner }));

/** A bar as high as the mean of the slots; the broken ones below differ from it in one thing. */
@figure
class Bar implements Figure {
  async draw({ model, testSamples }: FigureContext): Promise<Picture | NoPicture> {
    if (!model.usesObjects) return { none: 'the model has no slots' };
    const samples = await testSamples();
    if (samples.length === 0) return { none: 'there are no test images' };
    const level = forwardSamples(model, samples, {}, ({ fSlots }) => tf.mean(tf.abs(fSlots!)).dataSync()[0]!);
    return this.bar(Math.round(level * 100));
  }

  bar(height: number): Picture {
    const canvas = new Canvas(8, 100, [255, 255, 255]);
    canvas.line(4, 100 - height, 4, 99, [0, 0, 0], 3);
    return canvas;
  }
}

test('a good figure of pixels, and one of SVG', async () => {
  @figure
  class Svg extends Bar {
    override bar(height: number): Picture {
      return { svg: `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="100"><rect height="${height}"/></svg>` };
    }
  }
  expect(await failures(Bar)).toEqual({});
  expect(await failures(Svg)).toEqual({});
});

@figure
class Crash extends Bar {
  override async draw(context: FigureContext): Promise<Picture | NoPicture> {
    const maps = forwardSamples(context.model, await context.testSamples(), { attention: true }, (outputs) =>
      outputs.attention!.objects.at(-1)!.dataSync(),
    );
    return this.bar(maps.length % 90);
  }
}

@figure
class Empty extends Bar {
  override async draw(): Promise<NoPicture> {
    return { none: 'nothing ever' };
  }
}

@figure
class Short extends Bar {
  override bar(): Picture {
    return { width: 8, height: 100, pixels: new Uint8Array(8 * 100) };
  }
}

@figure
class Huge extends Bar {
  override bar(): Picture {
    return { width: 1, height: 100_000, pixels: new Uint8Array(300_000) };
  }
}

@figure
class Counting extends Bar {
  #calls = 0;
  override bar(): Picture {
    return super.bar(this.#calls++);
  }
}

@figure
class Dropout extends Bar {
  override async draw(context: FigureContext): Promise<Picture | NoPicture> {
    const { model } = context;
    return super.draw({
      ...context,
      model: { ...model, forward: (images, mode) => model.forward(images, { ...mode, training: true }) },
    });
  }
}

@figure
class Training extends Bar {
  override async draw(context: FigureContext): Promise<Picture | NoPicture> {
    const drawn = await super.draw(context);
    const { imageSize } = context.model.dimensions;
    tf.tidy(() => {
      const loss = (): tf.Scalar => {
        const { fGlobal } = context.model.forward(tf.ones([1, 3, ...imageSize]), { training: false, step: 0 });
        return tf.sum(fGlobal!);
      };
      try {
        tf.train.sgd(0.1).minimize(loss);
      } catch {
        // no variable there to train
      }
    });
    return drawn;
  }
}

@figure
class Painting extends Bar {
  override async draw(context: FigureContext): Promise<Picture | NoPicture> {
    for (const { image } of await context.testSamples()) image.fill(1, 0, 4);
    return super.draw(context);
  }
}

@figure
class Leaky extends Bar {
  override async draw(context: FigureContext): Promise<Picture | NoPicture> {
    tf.keep(tf.scalar(1));
    return super.draw(context);
  }
}

test.each<[ComponentClass, string, RegExp]>([
  [Crash, 'draws a model without slots, or says why there is nothing to draw', /./],
  [Empty, 'draws a model with slots and attention maps, on images with masks', /draws nothing.*nothing ever/],
  [Short, 'draws a single image, or says why there is nothing to draw', /expected 2400, got 800/],
  [Huge, 'draws a single image, or says why there is nothing to draw', /height .* 1 to 16384 .* is 100000/],
  [Counting, 'draws the same whenever it is asked, and in another instance', /differ/],
  [Dropout, 'runs the model in evaluation', /mode\.training/],
  [Training, 'leaves the model and the images as they are', /A parameter of the model: expected 1/],
  [Painting, 'leaves the model and the images as they are', /A test sample was changed/],
  [Leaky, 'leaks no tensor', /expected 0, got 1/],
])('%p fails the test that %s', async (figureClass, name, message) => {
  expect((await failures(figureClass))[name]).toMatch(message);
});
