// Checks a rule's options.

/** Throws a `RangeError` that names the option unless it is `valid`. */
export function check(valid: boolean, name: string, value: unknown, what: string): void {
  if (!valid) throw new RangeError(`\`${name}\` must be ${what}: got ${value}`);
}

/** Throws unless `value` is a whole number from `least`. */
export function checkWhole(name: string, value: number, least: number): void {
  check(Number.isInteger(value) && value >= least, name, value, `a whole number from ${least}`);
}

/** Throws unless `value` is finite and above 0. */
export function checkPositive(name: string, value: number): void {
  check(value > 0 && value < Infinity, name, value, "a finite number above 0");
}
