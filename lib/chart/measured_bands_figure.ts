// How much of each frequency band one picture has of another.
import type { Data } from "plotly.js-dist-min";
import type { Finite } from "../restoration/mod.ts";
import type { Figure } from "./figure.ts";
import { axis, bandName, COLORS, layout } from "./style.ts";

/** What was measured of a picture against another in every band, lowest first; null in an empty one. */
export interface MeasuredBands {
  /** Of the luminance, or of a colour. */
  readonly name: string;
  /** The band correspondence H (Shi et al. 2022). */
  readonly correspondence: readonly Finite[];
  /** How much of the target's coefficients the output has, phases considered. */
  readonly gain: readonly Finite[];
  /** How much of the output is the target's at all, from 0 to 1. */
  readonly coherence: readonly Finite[];
}

/** The most bands that have names on the axis; more have numbers. */
const NAMED = 10;

/**
 * The band correspondence, gain and coherence of every band. Channels are told apart by symbols, measures
 * by colours.
 *
 * @param channels What was measured, a list a channel.
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
