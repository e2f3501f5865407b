// Checks of arguments. Each throws a RangeError whose message names the argument in backticks.

/**
 * Checks an argument by a condition of the caller's.
 *
 * @param isValid The condition.
 * @param name The argument's name.
 * @param value The argument, for the message.
 * @param requirement What the argument must be, such as `"odd"`.
 * @throws {RangeError} If the condition is false.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { check } from "./check.ts";
 *
 * assert.throws(() => check(4 % 2 === 1, "size", 4, "odd"), /^RangeError: `size` must be odd: got 4$/);
 * ```
 */
export function check(isValid: boolean, name: string, value: unknown, requirement: string): void {
  if (!isValid) throw new RangeError(`\`${name}\` must be ${requirement}: got ${value}`);
}

/** Checks that `value` is a whole number from `least` to `most`. */
export function checkWholeNumber(
  name: string,
  value: number,
  least: number,
  most = Infinity,
): void {
  const isValid = Number.isInteger(value) && value >= least && value <= most;
  const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
  check(isValid, name, value, `a whole number ${range}`);
}

/** Checks that `value` is an odd whole number from `least` to `most`. */
export function checkOdd(name: string, value: number, least: number, most = Infinity): void {
  checkWholeNumber(name, value, least, most);
  check(value % 2 !== 0, name, value, "odd");
}

/** Checks that `value` is finite and above 0. */
export function checkPositive(name: string, value: number): void {
  check(value > 0 && value < Infinity, name, value, "a finite number above 0");
}

/** Checks that `value` is finite and not negative. */
export function checkNotNegative(name: string, value: number): void {
  check(value >= 0 && value < Infinity, name, value, "a finite number from 0");
}

/** Checks that `value` is a number from `least` to `most`. */
export function checkRange(name: string, value: number, least: number, most: number): void {
  check(value >= least && value <= most, name, value, `a number from ${least} to ${most}`);
}

/** Checks that all `samples` are finite numbers. */
export function checkFinite(name: string, samples: Float32Array): void {
  if (!samples.every(Number.isFinite)) throw new RangeError(`\`${name}\` must hold finite samples`);
}

/** Checks that each of `sides`, such as a height and a width, is a whole number from 1. */
export function checkSides(sides: Readonly<Record<string, number>>): void {
  for (const [name, side] of Object.entries(sides)) checkWholeNumber(name, side, 1);
}

/** Whatever has a size: an image, a spectrum, rings. */
interface Sized {
  readonly height: number;
  readonly width: number;
  readonly channels?: number;
}

const sizeOf = ({ height, width, channels }: Sized) =>
  `${height}x${width}${channels ? `x${channels}` : ""}`;

/** Checks that each of `others` has the height, width and, where there are any, channels of `first`. */
export function checkSameSize(first: Sized, others: Readonly<Record<string, Sized>>): void {
  for (const [name, other] of Object.entries(others)) {
    check(sizeOf(other) === sizeOf(first), name, sizeOf(other), `of ${sizeOf(first)}`);
  }
}

/** Checks that both sides of `image` are at least `least`, for what is named in `purpose`. */
export function checkLeastSize(name: string, image: Sized, least: number, purpose = ""): void {
  const { height, width } = image, requirement = `at least ${least}x${least}${purpose}`;
  check(Math.min(height, width) >= least, name, `${height}x${width}`, requirement);
}

/** Checks that an image, or a model of its noise, has so many channels. */
export function checkChannels(
  name: string,
  { channels }: { readonly channels: number },
  wanted: number,
): void {
  if (channels !== wanted) {
    throw new RangeError(`\`${name}\` must have ${wanted} channels: got ${channels}`);
  }
}
