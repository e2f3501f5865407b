// The charts of a picture compared with another: bands, power, ring correlation, and error decomposition.
import type { Data, ScatterData } from "plotly.js-dist-min";
import type { JsonNumber } from "../restoration/mod.ts";
import {
  type ErrorDecomposition,
  fourierRingCorrelation,
  radialPower,
  type Spectrum,
} from "../spectrum/mod.ts";
import type { Figure } from "./figure.ts";
import { axis, bandName, COLORS, faded, layout, TEXT_COLOR } from "./style.ts";

/** The measures of a picture in every band, lowest first; null in an empty one. */
export interface MeasuredBands {
  /** The luminance, or a colour. */
  readonly name: string;
  /** The band correspondence H (Shi et al. 2022). */
  readonly correspondence: readonly JsonNumber[];
  /** The phase-aware gain, relative to the target. */
  readonly gain: readonly JsonNumber[];
  /** The fraction of the output's power that comes from the target, from 0 to 1. */
  readonly coherence: readonly JsonNumber[];
}

/** The most bands that have names on the axis; more bands have numbers. */
const NAMED = 10;

/**
 * The band correspondence, gain and coherence of every band. Symbols distinguish channels, colours measures.
 *
 * @param channels The measures of each channel.
 * @returns The figure.
 * @throws {RangeError} If there is no channel.
 *
 * @example Two bands
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const luminance = { name: "luminance", correspondence: [1, 0.5], gain: [1, 0.4], coherence: [1, 0.8] };
 * const { data } = measuredBandsFigure([luminance]);
 * assert.deepEqual(data.map(({ name }) => name), ["H", "gain", "coherence"]);
 * ```
 */
export function measuredBandsFigure(channels: readonly MeasuredBands[]): Figure {
  if (channels.length === 0) throw new RangeError("`channels` must have at least one");
  const count = channels[0]!.correspondence.length;
  const bands = Array.from(
    { length: count },
    (_, i) => count > NAMED ? `${i + 1}` : bandName(i, count),
  );
  const measures = [["H", "correspondence"], ["gain", "gain"], ["coherence", "coherence"]] as const;
  const data = channels.flatMap((channel, k) =>
    measures.map(([measure, key], i): Data => ({
      type: "scatter",
      mode: "lines+markers",
      name: channels.length > 1 ? `${measure}, ${channel.name}` : measure,
      x: bands,
      y: [...channel[key]],
      line: { color: COLORS[i]!, width: 2, dash: (["solid", "dash", "dot"] as const)[k % 3]! },
      marker: { size: 8, symbol: (["circle", "square", "diamond"] as const)[k % 3]! },
      hovertemplate: "%{y:.3f}",
    }))
  );
  const highest = Math.max(
    1,
    ...channels.flatMap(({ correspondence, gain }) =>
      [...correspondence, ...gain].map((value) => value ?? 0)
    ),
  );
  const least = Math.min(
    0,
    ...channels.flatMap(({ gain, coherence }) =>
      [...gain, ...coherence].map((value) => value ?? 0)
    ),
  );
  return {
    data,
    layout: {
      ...layout("Bands", 280, { below: 52 }),
      xaxis: axis("frequency band", { type: "category", zeroline: false, nticks: NAMED + 1 }),
      yaxis: axis("output / target", { range: [least, 1.02 * highest] }),
    },
  };
}

/**
 * The radially averaged power spectrum of each picture, on a logarithmic scale. White noise is a horizontal line at
 * its variance; natural pictures fall towards high frequencies.
 *
 * @param spectra The spectra by name.
 * @returns The figure.
 *
 * @example A curve for each picture
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
        // A power of 0 has no logarithm.
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

/**
 * The Fourier ring correlation of two pictures (Saxton and Baumeister 1982) with two thresholds of agreement: the
 * half-bit curve (van Heel and Schatz 2005) and 1/7.
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

/** The stacked parts, in the colours of the decomposition over a run. */
const PARTS = [
  { part: "signal", name: "signal missing" },
  { part: "noise", name: "noise learned" },
  { part: "remainder", name: "remainder" },
] as const;

/**
 * The decomposition of one picture's mean squared error: in every band missing signal, noise and remainder, stacked;
 * the interaction of signal and noise can be negative. A ring marks the whole error of the band.
 *
 * @param account The decomposition, from `errorDecomposition`.
 * @returns The figure.
 *
 * @example Two bands
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const none = [0, 0];
 * const account = {
 *   signal: [1, 4], noise: [2, 1], cross: none, remainder: none, total: [3, 5],
 *   signalGain: none, noiseGain: none,
 * };
 * const { data } = errorBandsFigure(account);
 * assert.deepEqual(data.map(({ name }) => name), [
 *   "signal missing", "noise learned", "remainder", "cross term", "all (MSE)",
 * ]);
 * ```
 */
export function errorBandsFigure(account: ErrorDecomposition): Figure {
  const count = account.total.length;
  const bands = account.total.map((_, i) => bandName(i, count));
  const hovertemplate = "%{y:.3g}";
  const bars = (name: string, y: readonly number[], color: string): Data => ({
    type: "bar",
    name,
    x: bands,
    y: [...y],
    marker: { color: faded(color, 0.7) },
    hovertemplate,
  });
  return {
    data: [
      ...PARTS.map(({ part, name }, i) => bars(name, account[part], COLORS[i]!)),
      bars("cross term", account.cross, TEXT_COLOR),
      {
        type: "scatter",
        mode: "markers",
        name: "all (MSE)",
        x: bands,
        y: [...account.total],
        marker: { symbol: "circle-open", size: 9, color: TEXT_COLOR, line: { width: 2 } },
        hovertemplate,
      },
    ],
    layout: {
      ...layout("Account of the error by band", 280, { below: 52 }),
      barmode: "relative",
      xaxis: axis("frequency band, isotropic", { type: "category", zeroline: false }),
      yaxis: axis("mean squared error", { exponentformat: "power" }),
    },
  };
}
