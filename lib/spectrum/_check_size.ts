// Checks of sizes, and that things are of one size.

/** Throws a `RangeError` naming the first of `sizes` that is not a positive whole number. */
export function checkSize(sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(`\`${name}\` must be a positive whole number: got ${size}`);
    }
  }
}

/** A spectrum, rings or an image. */
interface Sized {
  readonly height: number;
  readonly width: number;
  readonly channels?: number;
}

const sizeOf = ({ height, width, channels }: Sized) =>
  `${height}x${width}${channels ? `x${channels}` : ""}`;

/** Throws a `RangeError` naming the first of `others` whose size is not that of `first`. */
export function checkSameSize(first: Sized, others: Readonly<Record<string, Sized>>): void {
  for (const [name, other] of Object.entries(others)) {
    if (sizeOf(other) !== sizeOf(first)) {
      throw new RangeError(`\`${name}\` must be of ${sizeOf(first)}: got ${sizeOf(other)}`);
    }
  }
}
