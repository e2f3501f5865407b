// What a chart is, data for Plotly and nothing drawn yet, and what several charts need to make one.
import type { Data, Frame, Layout } from "plotly.js-dist-min";

/** A Plotly figure, plain JSON. Pictures in it are PNG data URLs. */
export interface Figure {
  /** The traces, as the first frame shows them where there are frames. */
  readonly data: Data[];
  readonly layout: Partial<Layout>;
  /** What a slider steps through; each changes some traces. */
  readonly frames?: Frame[];
  /** What is shown instead where nothing moves: the first step, the best and the last beside each other. */
  readonly still?: Omit<Figure, "frames" | "still">;
}

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

/**
 * Divides a chart's height.
 *
 * @param count How many plots there are.
 * @param height The height of one, in pixels.
 * @param gap The pixels between two.
 * @returns The height of all, and the part of it that each takes, from the top.
 */
export function rows(
  count: number,
  height: number,
  gap: number,
): { plot: number; domains: [number, number][] } {
  const plot = count * height + (count - 1) * gap;
  const domains = Array.from({ length: count }, (_, i): [number, number] => {
    const top = i * (height + gap);
    return [Math.max(1 - (top + height) / plot, 0), 1 - top / plot];
  });
  return { plot, domains };
}
