// Says how much a side must grow to suit a network.

/** What is added to the two ends of a side, in pixels. */
export interface Padding {
  /** Above or to the left. */
  before: number;
  /** Below or to the right. */
  after: number;
}

/**
 * The least padding that makes a side a multiple of `multiple` and at least `minimum`, split
 * evenly, the odd pixel going to the end, as {@linkcode padReflect} does.
 *
 * @param size The side, in pixels.
 * @param multiple What the padded side must be a multiple of.
 * @param minimum What the padded side must at least be.
 * @returns The pixels to add before and after.
 * @throws {RangeError} If an argument is not a positive whole number.
 *
 * @example Sides for a network that halves five times
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(paddingFor(512, 32), { before: 0, after: 0 });
 * assert.deepEqual(paddingFor(451, 32), { before: 14, after: 15 });
 * assert.deepEqual(paddingFor(20, 32, 64), { before: 22, after: 22 });
 * ```
 */
export function paddingFor(size: number, multiple: number, minimum = 1): Padding {
  for (const [name, value] of Object.entries({ size, multiple, minimum })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`\`${name}\` must be a positive whole number: got ${value}`);
    }
  }
  const added = Math.ceil(Math.max(size, minimum) / multiple) * multiple - size;
  const before = Math.floor(added / 2);
  return { before, after: added - before };
}
