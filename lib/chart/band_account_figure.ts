// Where a picture's error comes from, band by band.
import type { Data } from "plotly.js-dist-min";
import type { Account } from "../spectrum/mod.ts";
import type { Figure } from "./figure.ts";
import { axis, bandName, COLORS, faded, layout, TEXT_COLOR } from "./style.ts";

/** What is stacked, in the colours that the account over a run has. */
const PARTS = [
  { part: "signal", name: "signal missing" },
  { part: "noise", name: "noise learned" },
  { part: "remainder", name: "remainder" },
] as const;

/**
 * The account of one picture's mean squared error: in every band the signal that is missing, the noise that is
 * there and what is neither, stacked; the cross term of signal and noise may go below 0. A ring is the whole
 * error of the band.
 *
 * @param account The account, from `errorAccount`.
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
 * const { data } = bandAccountFigure(account);
 * assert.deepEqual(data.map(({ name }) => name), [
 *   "signal missing", "noise learned", "remainder", "cross term", "all (MSE)",
 * ]);
 * ```
 */
export function bandAccountFigure(account: Account): Figure {
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
