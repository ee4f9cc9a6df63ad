/** Draws that follow from a seed alone: a round is repeated by its number. */

/** splitmix32 */
export class Draws {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** 32 bits */
  bits() {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  }

  /** from 0 up to 1, without it */
  number() {
    return this.bits() / 2 ** 32;
  }

  /** from `first` up to `last`, with both */
  integer(first, last) {
    return first + Math.floor(this.number() * (last - first + 1));
  }

  chance(probability) {
    return this.number() < probability;
  }

  pick(list) {
    return list[this.integer(0, list.length - 1)];
  }

  shuffled(list) {
    const all = [...list];
    for (let i = all.length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      [all[i], all[j]] = [all[j], all[i]];
    }
    return all;
  }
}
