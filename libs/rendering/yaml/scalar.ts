/**
 * What a scalar means to kubectl: YAML 1.1 as the Go library behind it resolves it. It is its own dialect: `y` and `on`
 * are booleans, 0777 and 0o777 octal, 08 is eight, 1_000 a number, 1:30 is not, and what overflows a float is a string.
 * `corpus/` holds what the Go library really answers.
 */
export type Resolved =
  | { type: 'string'; value: string }
  | { type: 'boolean'; value: boolean }
  | { type: 'null' }
  | { type: 'integer'; value: bigint }
  | { type: 'float'; value: number }
  | { type: 'invalid'; message: string; remedy: string };

const words = new Map<string, Resolved>();
function define(resolved: Resolved, ...spellings: string[]): void {
  for (const spelling of spellings) words.set(spelling, resolved);
}
define({ type: 'boolean', value: true }, 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON');
define({ type: 'boolean', value: false }, 'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF');
define({ type: 'null' }, '', '~', 'null', 'Null', 'NULL');
define({ type: 'float', value: Number.NaN }, '.nan', '.NaN', '.NAN');
define({ type: 'float', value: Infinity }, '.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF');
define({ type: 'float', value: -Infinity }, '-.inf', '-.Inf', '-.INF');

const integer = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/;
const signInsideBinary = /^0b([-+])([01]+)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const leadingPointFloat = /^\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?$/;
const minInt64 = -(2n ** 63n);
const maxUint64 = 2n ** 64n - 1n;
const longestDigits = 64;

/** Resolves a scalar that stands without quotes and without a tag. */
export function resolvePlain(text: string): Resolved {
  const word = words.get(text);
  if (word) return word;
  if (text.startsWith('.')) {
    return leadingPointFloat.test(text) ? finite(text.replaceAll('_', ''), text) : { type: 'string', value: text };
  }
  if (!/^[-+0-9]/.test(text)) return { type: 'string', value: text };
  const digits = text.replaceAll('_', '');
  const value = parseInteger(digits);
  if (value !== undefined) return { type: 'integer', value };
  return float.test(digits) ? finite(digits, text) : { type: 'string', value: text };
}

function finite(digits: string, text: string): Resolved {
  const value = Number(digits);
  return Number.isFinite(value) ? { type: 'float', value } : { type: 'string', value: text };
}

/** Go's ParseInt with base 0, then ParseUint: undefined where both fail. */
function parseInteger(text: string): bigint | undefined {
  const match = integer.exec(text);
  if (match) {
    const [, sign, hex, binary, octal, decimal] = match;
    if (hex !== undefined) return signed(sign, '0x', hex);
    if (binary !== undefined) return signed(sign, '0b', binary);
    if (octal !== undefined) return signed(sign, '0o', octal);
    return signed(sign, '', decimal ?? '0');
  }
  const odd = signInsideBinary.exec(text);
  return odd ? signed(odd[1], '0b', odd[2] ?? '0') : undefined;
}

function signed(sign: string | undefined, prefix: string, digits: string): bigint | undefined {
  const significant = digits.replace(/^0+(?=.)/, '');
  // BigInt is quadratic in the length, and nothing longer than this fits 64 bits.
  if (significant.length > longestDigits) return undefined;
  const magnitude = BigInt(prefix + significant);
  const value = sign === '-' ? -magnitude : magnitude;
  if (value < minInt64 || value > maxUint64) return undefined;
  return sign === '+' && value >= 2n ** 63n ? undefined : value;
}
