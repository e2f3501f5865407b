// The power of pictures by frequency.
import type { Data } from "plotly.js-dist-min";
import { radialPower, type Spectrum } from "../spectrum/mod.ts";
import type { Figure } from "./figure.ts";
import { axis, COLORS, layout } from "./style.ts";

/**
 * The radially averaged power spectrum of each picture, on a logarithmic scale. White noise is a level at its
 * variance; natural pictures fall towards high frequencies.
 *
 * @param spectra The spectra by name.
 * @returns The figure.
 *
 * @example A curve a picture
 * ```ts
 * import assert from "node:assert/strict";
 * import { fourier } from "../spectrum/mod.ts";
 *
 * const noisy = fourier(Float64Array.from({ length: 256 }, (_, i) => Math.sin(i * i)), 16, 16);
 * assert.deepEqual(powerFigure({ noisy }).data.map(({ name }) => name), ["noisy"]);
 * ```
 */
export function powerFigure(spectra: Readonly<Record<string, Spectrum>>): Figure {
  return {
    data: Object.entries(spectra).map(([name, spectrum], i): Data => {
      const { frequency, power } = radialPower(spectrum);
      return {
        type: "scatter",
        mode: "lines",
        name,
        x: frequency,
        // Of a power of 0 there is no logarithm.
        y: power.map((value) => value > 0 ? value : null),
        line: { color: COLORS[i % COLORS.length]!, width: 2 },
        hovertemplate: "%{y:.3g}",
      };
    }),
    layout: {
      ...layout("Power by frequency", 280),
      xaxis: axis("frequency (cycles/pixel)", { range: [0, 0.5], zeroline: false }),
      yaxis: axis("power, |F|² / pixels", { type: "log", exponentformat: "power", dtick: 1 }),
    },
  };
}
