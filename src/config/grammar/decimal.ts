/**
 * Decimal numbers of 28 digits, as Python's `decimal` has them. Hydra counts ranges of fractions with these: in
 * `range(0,1,0.1)` there is 0.3, where sums of doubles would give 0.30000000000000004.
 */

/** digits · 10^exponent */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

const PRECISION = 28;
/** Bits of the fraction of a double, and what its exponent is counted from. */
const FRACTION_BITS = 52;
const BIAS = 1075;

/**
 * `start + i·step` up to `stop`, which is not in it.
 *
 * @param step not 0
 * @param limit numbers at most; one more is given where there are more
 */
export function decimalRange(start: number, stop: number, step: number, limit: number): number[] {
  const end = decimalOf(stop);
  const stride = decimalOf(step);
  const numbers: number[] = [];
  for (let at = decimalOf(start); numbers.length <= limit; at = sum(at, stride)) {
    const left = difference(end, at);
    if (step > 0 ? left <= 0n : left >= 0n) break;
    numbers.push(Number(`${at.digits}e${at.exponent}`));
  }
  return numbers;
}

/** Exactly the value of a double. */
function decimalOf(value: number): Decimal {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const whole = bits.getBigUint64(0);
  const power = Number((whole >> BigInt(FRACTION_BITS)) & 0x7ffn);
  const fraction = whole & ((1n << BigInt(FRACTION_BITS)) - 1n);
  const magnitude = power === 0 ? fraction : fraction | (1n << BigInt(FRACTION_BITS));
  const mantissa = value < 0 ? -magnitude : magnitude;
  const exponent = Math.max(power, 1) - BIAS;
  // 2^-n = 5^n · 10^-n
  return exponent >= 0
    ? { digits: mantissa << BigInt(exponent), exponent: 0 }
    : { digits: mantissa * 5n ** BigInt(-exponent), exponent };
}

function aligned(a: Decimal, b: Decimal): { left: bigint; right: bigint; exponent: number } {
  const exponent = Math.min(a.exponent, b.exponent);
  const scale = ({ digits, exponent: own }: Decimal): bigint => digits * 10n ** BigInt(own - exponent);
  return { left: scale(a), right: scale(b), exponent };
}

/** Only its sign is of use. */
function difference(a: Decimal, b: Decimal): bigint {
  const { left, right } = aligned(a, b);
  return left - right;
}

function sum(a: Decimal, b: Decimal): Decimal {
  const { left, right, exponent } = aligned(a, b);
  return rounded({ digits: left + right, exponent });
}

/** To 28 digits; half of a digit goes to the even one. */
function rounded({ digits, exponent }: Decimal): Decimal {
  const excess = String(digits < 0n ? -digits : digits).length - PRECISION;
  if (excess <= 0) return { digits, exponent };
  const unit = 10n ** BigInt(excess);
  const magnitude = digits < 0n ? -digits : digits;
  const kept = magnitude / unit;
  const twice = 2n * (magnitude % unit);
  const up = twice > unit || (twice === unit && kept % 2n === 1n) ? kept + 1n : kept;
  return { digits: digits < 0n ? -up : up, exponent: exponent + excess };
}
