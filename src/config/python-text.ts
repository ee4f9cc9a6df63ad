/** Values as Python writes them into text, where Hydra would: `lr${optimizer.start_lr}` is `lr1e-05`. */
import type { Value } from './value';

/** @param float the number is a fraction, though it may be whole */
export function pythonText(value: Value, float = false): string {
  if (value === null) return 'None';
  if (value === true) return 'True';
  if (value === false) return 'False';
  return typeof value === 'number' ? pythonNumber(value, float) : String(value);
}

function pythonNumber(value: number, float: boolean): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (!float && Number.isSafeInteger(value)) return String(value);
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const text = Object.is(value, -0) ? '-0' : String(value); // no exponent between 1e-7 and 1e21
  return text.includes('.') ? text : `${text}.0`;
}
