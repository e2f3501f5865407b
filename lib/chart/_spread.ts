// Mean and spread of repetitions.

/** Mean and standard deviation of a sample; 0 of a single number, not a number of none. */
export function spreadOf(values: readonly number[]): { mean: number; deviation: number } {
  const count = values.length, mean = values.reduce((a, b) => a + b, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : 0 };
}
