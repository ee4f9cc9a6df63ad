/** New inputs out of old ones, each a function of a seed. Formats add their own ways (targets/). */
import { Buffer } from 'node:buffer';

/** Random numbers of a seed: mulberry32. */
export class Random {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** An integer from 0 to `n - 1`. */
  below(n) {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** True once in `n`. */
  once(n) {
    return this.below(n) === 0;
  }
}

const INTEGERS = [
  0n,
  1n,
  2n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  2n ** 24n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
].concat([2n ** 32n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]);

/** No input grows beyond this: what is large is for the limits to tell, in `test/e2e/bombs.test.ts`. */
export const MOST_BYTES = 1 << 17;

const WAYS = {
  flip(bytes, random) {
    const out = Buffer.from(bytes);
    for (let n = 1 + random.below(4); n > 0; n--) out[random.below(out.length)] ^= 1 << random.below(8);
    return out;
  },
  set(bytes, random) {
    const out = Buffer.from(bytes);
    out[random.below(out.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
    return out;
  },
  integer(bytes, random) {
    const width = random.pick([1, 2, 4, 8]);
    if (bytes.length < width) return bytes;
    const out = Buffer.from(bytes);
    const at = random.below(out.length - width + 1);
    let value = BigInt.asUintN(8 * width, random.pick(INTEGERS) + BigInt(random.below(3) - 1));
    for (let i = 0; i < width; i++, value >>= 8n) out[at + i] = Number(value & 255n);
    return out;
  },
  truncate: (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  remove(bytes, random) {
    const [from, to] = span(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  repeat(bytes, random) {
    const [from, to] = span(bytes, random);
    const part = bytes.subarray(from, to);
    const times = random.once(8) ? 1 + random.below(2000) : 1 + random.below(4);
    return Buffer.concat([bytes.subarray(0, to), ...Array.from({ length: times }, () => part), bytes.subarray(to)]);
  },
  insert(bytes, random, { dictionary }) {
    const at = random.below(bytes.length + 1);
    const word = random.once(4) || dictionary.length === 0 ? noise(random) : Buffer.from(random.pick(dictionary));
    return Buffer.concat([bytes.subarray(0, at), word, bytes.subarray(at)]);
  },
  replace(bytes, random, { dictionary }) {
    if (dictionary.length === 0) return WAYS.set(bytes, random);
    const [from, to] = span(bytes, random, 12);
    return Buffer.concat([bytes.subarray(0, from), Buffer.from(random.pick(dictionary)), bytes.subarray(to)]);
  },
  splice(bytes, random, { others }) {
    const other = random.pick(others);
    if (other.length === 0) return bytes;
    const [from, to] = span(other, random);
    const at = random.below(bytes.length + 1);
    return Buffer.concat([
      bytes.subarray(0, at),
      other.subarray(from, to),
      bytes.subarray(random.once(2) ? at : Math.min(bytes.length, at + to - from)),
    ]);
  },
};
const NAMES = Object.keys(WAYS);

function noise(random) {
  return Buffer.from(Array.from({ length: 1 + random.below(8) }, () => random.below(256)));
}

function span(bytes, random, most = bytes.length) {
  const from = random.below(bytes.length);
  return [from, Math.min(bytes.length, from + 1 + random.below(random.once(2) ? 8 : most))];
}

/**
 * @param with `dictionary`: words of the format; `others`: inputs to take parts of
 */
export function mutateBytes(bytes, random, { dictionary = [], others = [bytes] } = {}) {
  let out = Buffer.from(bytes);
  for (let n = 1 + random.below(4); n > 0; n--) {
    out = out.length === 0 ? noise(random) : WAYS[random.pick(NAMES)](out, random, { dictionary, others });
    if (out.length > MOST_BYTES) out = out.subarray(0, MOST_BYTES);
  }
  return out;
}

/** What JSON may hold in the place of anything. */
const JSON_VALUES = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1,
  1.5,
  1e308,
  -1e-308,
  2 ** 31,
  2 ** 53,
  2 ** 53 + 2,
  '',
  'x',
  '\0',
  '\ud800',
]
  .concat([
    '1',
    '__proto__',
    'constructor',
    'toString',
    '../../x',
    '\u202e',
    'x'.repeat(5000),
    [],
    {},
    [[]],
    [null],
    [1, 2, 3],
  ])
  .concat([{ x: 1 }, JSON.parse('{"__proto__":1}'), Array(300).fill('x'), Array(300).fill({})]);
const JSON_KEYS = ['__proto__', 'constructor', 'toString', 'length', '', '0', 'then', 'x'.repeat(400)];

/** A value like this one: something in it is another, is gone, is there twice or has another name. */
export function mutateJson(root, random) {
  const out = { root: structuredClone(root) };
  for (let n = 1 + random.below(3); n > 0; n--) {
    const [holder, key] = random.pick(placesIn(out));
    const value = holder[key];
    const all = placesIn(out);
    switch (random.below(6)) {
      case 0:
        if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else Reflect.deleteProperty(holder, key);
        break;
      case 1:
        put(holder, key, structuredClone(random.pick(all).at(-1)));
        break;
      case 2:
        if (typeof value === 'object' && value !== null && !Array.isArray(value))
          put(value, random.pick(JSON_KEYS), random.pick(JSON_VALUES));
        else if (Array.isArray(value))
          value.push(...Array(random.pick([1, 3, 500])).fill(structuredClone(value[0] ?? random.pick(JSON_VALUES))));
        else
          put(
            holder,
            key,
            typeof value === 'number' ? value * random.pick([-1, 0.5, 2 ** 20, 1e300]) : `${value}${value}`,
          );
        break;
      case 3: {
        let deep = value;
        for (let depth = random.pick([1, 3, 70, 300]); depth > 0; depth--) deep = random.once(2) ? [deep] : { x: deep };
        put(holder, key, deep);
        break;
      }
      default:
        put(holder, key, structuredClone(random.pick(JSON_VALUES)));
    }
    if (!('root' in out)) out.root = null;
  }
  return out.root;
}

/** [holder, key, value], at most some hundred, not too deep. */
function placesIn(out) {
  const places = [];
  const visit = (holder, depth) => {
    for (const key of Object.keys(holder)) {
      if (places.length > 300) return;
      places.push([holder, key, holder[key]]);
      if (typeof holder[key] === 'object' && holder[key] !== null && depth < 20) visit(holder[key], depth + 1);
    }
  };
  visit(out, 0);
  return places.length > 0 ? places : [[out, 'root', null]];
}

/** Also under the name `__proto__`. */
function put(holder, key, value) {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

/** JSON as text; now and then a piece of the text is another. */
export function mutateJsonText(bytes, random, options) {
  let text;
  try {
    text = Buffer.from(JSON.stringify(mutateJson(JSON.parse(bytes.toString()), random)) ?? 'null').subarray(
      0,
      MOST_BYTES,
    );
  } catch {
    return mutateBytes(bytes, random, options); // no JSON, or too deep to be copied
  }
  return random.once(3) ? mutateBytes(text, random, options) : text;
}

/** Text by its words and signs. */
export function mutateText(bytes, random, { dictionary = [], others = [bytes] } = {}) {
  if (random.once(4)) return mutateBytes(bytes, random, { dictionary, others });
  const wordsOf = (text) => text.toString().match(/\w+|\s+|./gsu) ?? [''];
  const words = wordsOf(bytes);
  for (let n = 1 + random.below(5); n > 0; n--) {
    const at = random.below(words.length + 1);
    const other = wordsOf(random.pick(others));
    const from = random.below(other.length);
    switch (random.below(5)) {
      case 0:
        words.splice(at, 1 + random.below(3));
        break;
      case 1:
        words.splice(at, 0, ...other.slice(from, from + 1 + random.below(20)));
        break;
      case 2: {
        const part = words.slice(at, at + 1 + random.below(4)).join('');
        words.splice(at, 0, part.repeat(random.pick([1, 2, 3, 100, 1000])));
        break;
      }
      default:
        words.splice(at, random.below(2), dictionary.length > 0 ? random.pick(dictionary) : random.pick(words));
    }
  }
  return Buffer.from(words.join('')).subarray(0, MOST_BYTES);
}
