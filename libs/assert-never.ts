/** For the `default` of a switch that must know every case: the compiler complains where one is missing. */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected value ${JSON.stringify(value)}`);
}
