/** Messages of protobuf as trees, so that a change deep inside leaves the lengths around it right. */
import { Buffer } from 'node:buffer';
import { mutateBytes } from '../mutate.mjs';

/** A varint and where it ends; undefined where there is none. */
function varint(bytes, at) {
  let value = 0n;
  for (let shift = 0n; at < bytes.length && shift < 70n; shift += 7n) {
    const byte = bytes[at++];
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
  return undefined;
}

function encodeVarint(value) {
  const out = [];
  for (value = BigInt.asUintN(64, value); value > 127n; value >>= 7n) out.push(Number(value & 127n) | 128);
  return Buffer.from([...out, Number(value)]);
}

/** The fields of a message, or undefined for bytes that are none. */
function parse(bytes, depth) {
  const fields = [];
  for (let at = 0; at < bytes.length;) {
    const [tag, start] = varint(bytes, at) ?? [];
    if (tag === undefined || tag >> 3n === 0n || fields.length > 500) return undefined;
    const type = Number(tag & 7n);
    const size = { 0: 0, 1: 8, 2: 0, 5: 4 }[type];
    if (size === undefined) return undefined;
    const [value, from] = type === 0 || type === 2 ? (varint(bytes, start) ?? []) : [0n, start];
    if (from === undefined) return undefined;
    at = type === 2 ? from + Number(value) : from + size;
    if (at > bytes.length) return undefined;
    const content = bytes.subarray(from, at);
    const inner = type === 2 && depth > 0 && content.length > 0 ? parse(content, depth - 1) : undefined;
    fields.push({ tag, value, content, inner });
  }
  return fields;
}

function encode(fields) {
  return Buffer.concat(
    fields.flatMap(({ tag, value, content, inner, lies = 0n }) => {
      const body = inner === undefined ? content : encode(inner);
      const type = Number(tag & 7n);
      if (type === 0) return [encodeVarint(tag), encodeVarint(value)];
      return type === 2
        ? [encodeVarint(tag), encodeVarint(BigInt(body.length) + lies), body]
        : [encodeVarint(tag), body];
    }),
  );
}

/** By its bytes, so that it can stand in a field that is in it. */
function closed({ inner, ...field }) {
  return inner === undefined ? field : { ...field, content: encode(inner) };
}

const NUMBERS = [0n, 1n, -1n, 2n, 127n, 128n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n];

/** A message like this one: a field of it is gone, is there twice, has another number or content. */
export function mutateMessage(bytes, random, options) {
  const root = parse(bytes, 6);
  if (root === undefined || root.length === 0 || random.once(5)) return mutateBytes(bytes, random, options);
  for (let n = 1 + random.below(3); n > 0; n--) {
    const lists = [];
    const visit = (fields) => {
      if (fields.length > 0) lists.push(fields);
      for (const { inner } of fields) if (inner) visit(inner);
    };
    visit(root);
    if (lists.length === 0) break;
    const list = random.pick(lists);
    const at = random.below(list.length);
    const field = list[at];
    switch (random.below(8)) {
      case 0:
        list.splice(at, 1);
        break;
      case 1:
        list.splice(random.below(list.length + 1), 0, ...Array(random.pick([1, 1, 2, 100, 3000])).fill(closed(field)));
        break;
      case 2:
        list[at] = { ...field, tag: (BigInt(random.below(6)) << 3n) | (field.tag & 7n) };
        break;
      case 3:
        list[at] = { ...field, tag: (field.tag & ~7n) | BigInt(random.below(8)) };
        break;
      case 4:
        list[at] = { ...field, lies: random.pick([-1n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 63n]) };
        break;
      case 5:
        list[at] = closed(random.pick(random.pick(lists)));
        break;
      default:
        list[at] = {
          ...field,
          value: random.pick(NUMBERS),
          inner: undefined,
          content: mutateBytes(field.inner ? encode(field.inner) : field.content, random, options),
        };
    }
  }
  const out = encode(root);
  return out.length > 1 << 17 ? out.subarray(0, 1 << 17) : out;
}
