// The last few of a sequence of numbers, and their mean.

/** Appends a number to the last few; gives the last `count`, oldest first, once there are so many. */
export function keepLast(
  last: number[],
  count: number,
  value: number,
): readonly number[] | undefined {
  last.push(value);
  if (last.length > count) last.shift();
  return last.length === count ? last : undefined;
}

/** Summed afresh at every call, so that one number that is not finite does no lasting harm. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
