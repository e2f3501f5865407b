// Checks of arguments that several baselines share.

/** Throws a `RangeError` unless `value` is a whole number from `least` to `most`. */
export function checkWhole(name: string, value: number, least: number, most = Infinity): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
  throw new RangeError(`\`${name}\` must be a whole number ${range}: got ${value}`);
}

/** Throws a `RangeError` unless `value` is an odd whole number from `least` to `most`. */
export function checkOdd(name: string, value: number, least: number, most = Infinity): void {
  checkWhole(name, value, least, most);
  if (value % 2 === 0) throw new RangeError(`\`${name}\` must be odd: got ${value}`);
}

/** Throws a `RangeError` unless `value` is a finite number from 0. */
export function checkNotNegative(name: string, value: number): void {
  if (value >= 0 && value < Infinity) return;
  throw new RangeError(`\`${name}\` must be a finite number from 0: got ${value}`);
}

/** Throws a `RangeError` where a sample is not finite. */
export function checkFinite(data: Float32Array): void {
  if (!data.every(Number.isFinite)) throw new RangeError("`image` must hold finite samples");
}
