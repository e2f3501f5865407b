// Refuses a record that lacks what a chart shows.

/**
 * What a chart needs of a record.
 *
 * @param value The value, if the record has it.
 * @param name Where the record would have it, such as `series.bands`.
 * @param how How a record gets it.
 * @returns The value.
 * @throws {RangeError} If it is not there, or an empty list.
 */
export function need<T>(value: T | undefined, name: string, how: string): T {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) {
    throw new RangeError(`\`record\` must have ${name}: ${how}`);
  }
  return value;
}
