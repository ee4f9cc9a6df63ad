/** What object queries of the reference drew, in the place of draws of our own. */
import { RandomSource, RandomStream } from 'osc-trainer/sdk';
import type { Fixture, FixtureTensor } from '../fixture';

/** Tensors of a fixture that hold draws: initial points of k-means, standard normals, components of a mixture. */
export const DRAWS = ['init_idx', 'noise', 'component_idx'] as const;

type Draws = ReadonlyMap<string, FixtureTensor>;

/** Draws in the order in which they are asked for; what was not recorded cannot be drawn. */
class RecordedStream extends RandomStream {
  #component = 0;

  constructor(private readonly draws: Draws) {
    super(new Uint32Array(4));
  }

  override sample(n: number, count = n): Int32Array {
    return Int32Array.from(this.#recorded('init_idx', count));
  }

  override normals(length: number): Float32Array {
    return Float32Array.from(this.#recorded('noise', length));
  }

  override integer(bound: number): number {
    const component = this.draws.get('component_idx')?.values[this.#component++];
    if (component === undefined || component >= bound) throw new Error(`No component below ${bound} was recorded.`);
    return component;
  }

  #recorded(name: string, count: number): ArrayLike<number> {
    const draws = this.draws.get(name)?.values;
    if (draws?.length !== count)
      throw new Error(`${count} values of ${name} were drawn, ${draws?.length ?? 0} recorded.`);
    return draws;
  }
}

/** The source of object queries: their own draws are recorded ones, their parameters start as always. */
export class RecordedRandom extends RandomSource {
  constructor(private draws: Draws) {
    super(0);
  }

  /** Draws from now on are those of `inputs.init_idx.WHICH` and so on, with `prefix` before the name (`val_`). */
  use(fixture: Fixture, prefix: '' | 'val_', which: string | number): void {
    this.draws = drawsOf(fixture, (name) => `${prefix}${name}.${which}`);
  }

  override stream(): RandomStream {
    return new RecordedStream(this.draws);
  }
}

function drawsOf(fixture: Fixture, place: (name: string) => string): Draws {
  const recorded = DRAWS.filter((name) => fixture.has(`inputs.${place(name)}`));
  return new Map(recorded.map((name) => [name, fixture.get(`inputs.${place(name)}`)]));
}

/** What object queries draw from in a fixture of one pass: what it recorded, where it did. */
export function randomOfQueries(fixture: Fixture): RandomSource {
  const draws = drawsOf(fixture, (name) => name);
  return draws.size > 0 ? new RecordedRandom(draws) : new RandomSource(0);
}
