// The Figure type, data for Plotly, and functions for making figures.
import type { Data, Frame, Layout } from "plotly.js-dist-min";

/** A Plotly figure, plain JSON. Pictures in it are PNG data URLs. */
export interface Figure {
  /** The traces; with frames, those of the first one. */
  readonly data: Data[];
  readonly layout: Partial<Layout>;
  /** The frames of a slider; each changes some traces. */
  readonly frames?: Frame[];
  /** The figure without animation: the first step, the best and the last side by side. */
  readonly still?: Omit<Figure, "frames" | "still">;
}

/**
 * Requires data of a record for a chart.
 *
 * @param value The value, if the record has it.
 * @param name Its place in the record, such as `series.bands`.
 * @param how How a record gets it.
 * @returns The value.
 * @throws {RangeError} If it is missing, or an empty list.
 */
export function need<T>(value: T | undefined, name: string, how: string): T {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) {
    throw new RangeError(`\`record\` must have ${name}: ${how}`);
  }
  return value;
}

/**
 * Divides a chart's height into rows.
 *
 * @param count The number of rows.
 * @param height The height of one row, in pixels.
 * @param gap The gap between rows, in pixels.
 * @returns The total height, and the domain of each row, from the top.
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
