// Mean and spread of repetitions.
import type { ScatterData } from "plotly.js-dist-min";

/** Mean and standard deviation of some numbers. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
}

/** Mean and standard deviation of a sample; 0 of a single number, not a number of none. */
export function spreadOf(values: readonly number[]): Spread {
  const count = values.length, mean = values.reduce((a, b) => a + b, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : 0 };
}

/** Deviations as error bars; none where nothing was repeated. */
export const errorBars = (
  counts: readonly number[],
  spreads: readonly Spread[],
): Pick<Partial<ScatterData>, "error_y"> =>
  counts.every((count) => count < 2) ? {} : {
    error_y: {
      type: "data",
      array: spreads.map(({ deviation }) => deviation),
      thickness: 1.5,
      width: 5,
    },
  };
