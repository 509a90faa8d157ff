const exponentFrom = 6;

/**
 * A float as a map key, as kubectl writes it: the shortest decimal that is the same 32-bit float, with an exponent from
 * a million up and below a ten-thousandth. `1.10` becomes `1.1`, `1000000.0` becomes `1e+06`. Undefined when it is not finite.
 */
export function floatKey(value: number): string | undefined {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return undefined;
  if (single === 0) return Object.is(single, -0) ? '-0' : '0';
  const [mantissa = '', exponentText = '0'] = shortest(single).split('e');
  const exponent = Number(exponentText);
  const digits = mantissa.replace(/[-.]/g, '');
  if (exponent < -4 || exponent >= exponentFrom) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const minus = single < 0 ? '-' : '';
  if (exponent < 0) return `${minus}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return `${minus}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

function shortest(single: number): string {
  for (let precision = 0; precision < 9; precision += 1) {
    const text = single.toExponential(precision);
    if (Math.fround(Number(text)) === single) return text;
  }
  return single.toExponential(9);
}
