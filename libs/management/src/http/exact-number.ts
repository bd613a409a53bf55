/**
 * Whether JavaScript keeps a number of a JSON text: it is shown again as it was written, or it is written with a point or an
 * exponent, as a double is, and has no more digits than a double needs.
 */

/** Numbers of so few digits without an exponent are always kept. */
const SHORT = /^[-.\d]{1,15}$/;
const LITERAL = /^-?(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
const WHOLE = /^-?\d+$/;
/** So many digits tell every double from its neighbours. */
const DIGITS_MAX = 17;

/** `digits` times ten to the power of `exponent`; no zeros at either end of the digits. */
interface Decimal {
  readonly digits: string;
  readonly exponent: number;
}

/** True for what is no number at all: the parser refuses it. */
export function isKeptExactly(literal: string): boolean {
  if (SHORT.test(literal)) return true;
  const value = Number(literal);
  if (Number.isNaN(value)) return true;
  const given = decimalOf(literal);
  const kept = decimalOf(String(value));
  if (given === undefined || kept === undefined) return false;
  if (given.digits === kept.digits && given.exponent === kept.exponent) return true;
  const isDouble = value !== 0 && !WHOLE.test(literal);
  return isDouble && given.digits.length <= DIGITS_MAX;
}

/** Undefined for what is not finite. */
function decimalOf(literal: string): Decimal | undefined {
  const [match, whole = '', fraction = '', power = '0'] = LITERAL.exec(literal) ?? [];
  if (match === undefined) return undefined;
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = withoutZerosAtTheEnd(all);
  if (digits === '') return { digits, exponent: 0 };
  return { digits, exponent: Number(power) - fraction.length + all.length - digits.length };
}

function withoutZerosAtTheEnd(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}
