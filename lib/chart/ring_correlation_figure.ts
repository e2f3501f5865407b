// Up to which frequency two pictures agree.
import type { Data, ScatterData } from "plotly.js-dist-min";
import { fourierRingCorrelation, type Spectrum } from "../spectrum/mod.ts";
import type { Figure } from "./figure.ts";
import { axis, COLORS, layout, TEXT_COLOR } from "./style.ts";

/**
 * The Fourier ring correlation of two pictures (Saxton and Baumeister 1982) with the thresholds that count as
 * agreement: the half-bit curve (van Heel and Schatz 2005) and 1/7.
 *
 * @param output The spectrum of one picture.
 * @param target The spectrum of the other.
 * @returns The figure.
 * @throws {RangeError} If the sizes differ.
 *
 * @example A picture with itself
 * ```ts
 * import assert from "node:assert/strict";
 * import { fourier } from "../spectrum/mod.ts";
 *
 * const spectrum = fourier(Float64Array.from({ length: 256 }, (_, i) => Math.sin(i * i)), 16, 16);
 * const { data } = ringCorrelationFigure(spectrum, spectrum);
 * assert.deepEqual(data.map(({ name }) => name), ["correlation", "half-bit threshold", "1/7"]);
 * ```
 */
export function ringCorrelationFigure(output: Spectrum, target: Spectrum): Figure {
  const { frequency, correlation, halfBit } = fourierRingCorrelation(output, target);
  const line = (name: string, y: readonly number[], style: ScatterData["line"]): Data => ({
    type: "scatter",
    mode: "lines",
    name,
    x: [...frequency],
    y: [...y],
    line: { width: 2, ...style },
    hovertemplate: "%{y:.3f}",
  });
  return {
    data: [
      line("correlation", correlation, { color: COLORS[0] }),
      line("half-bit threshold", halfBit, { color: TEXT_COLOR, width: 1.5, dash: "dash" }),
      line("1/7", frequency.map(() => 1 / 7), { color: TEXT_COLOR, width: 1.5, dash: "dot" }),
    ],
    layout: {
      ...layout("Fourier ring correlation", 280),
      xaxis: axis("frequency (cycles/pixel)", { range: [0, 0.5], zeroline: false }),
      yaxis: axis("correlation", { range: [Math.min(0, ...correlation), 1.02] }),
    },
  };
}
