// The error decomposition over the iterations.
import type { Data, LayoutAxis } from "plotly.js-dist-min";
import { check } from "../check.ts";
import type { JsonNumber, RunRecord } from "../restoration/mod.ts";
import { isotropicRings } from "../spectrum/mod.ts";
import { type Figure, need } from "./figure.ts";
import {
  axis,
  COLORS,
  curve,
  extremes,
  faded,
  iterationAxis,
  layout,
  rangeFrom,
  TEXT_COLOR,
} from "./style.ts";

/** Options of {@linkcode errorDecompositionFigure}. */
export interface ErrorDecompositionFigureOptions {
  /** The ring, 0 the lowest, or the sum of all. @default {"all"} */
  ring?: number | "all";
  /** The scale of the error; on a logarithmic one, areas cannot be compared by eye. @default {"linear"} */
  scale?: "linear" | "log";
}

/** The stacked parts, in the order in which they dominate in a run. */
const PARTS = [
  { part: "signal", name: "signal missing" },
  { part: "noise", name: "noise learned" },
  { part: "remainder", name: "remainder" },
] as const;

/**
 * The decomposition of the output's mean squared error over the iterations: missing signal, learned noise and
 * remainder, stacked. The interaction of signal and noise, which can be negative, is a line; the sum with it is the
 * error, the other line.
 *
 * @param record A run's record.
 * @param options The ring and the scale.
 * @returns The figure.
 * @throws {RangeError} If the record has no `series.account`, or there is no such ring.
 *
 * @example The highest ring alone
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const record = JSON.parse(await Deno.readTextFile("tests/chart/record.json"));
 * const { layout } = errorDecompositionFigure(record, { ring: 1 });
 * assert.equal(layout.title?.text, "Account of the error, from 0.25 cycles/pixel");
 * assert.throws(() => errorDecompositionFigure(record, { ring: 2 }), RangeError);
 * ```
 */
export function errorDecompositionFigure(
  record: RunRecord,
  options: ErrorDecompositionFigureOptions = {},
): Figure {
  const { ring = "all", scale = "linear" } = options;
  const account = need(record.series.account, "series.account", "restore with a reference");
  // A run may have returned its initial estimate without an iteration.
  const rings = need(account.signal, "series.account", "restore for an iteration or more").length;
  check(
    ring === "all" || (Number.isInteger(ring) && ring >= 0 && ring < rings),
    "ring",
    ring,
    `"all" or a whole number below ${rings}`,
  );
  const shown = (part: keyof typeof account) =>
    ring === "all" ? sumOf(account[part]) : account[part][ring]!;
  const cross = shown("cross"), stacked = PARTS.map(({ part }) => shown(part));
  const total = sumOf([...stacked, cross]);
  const hovertemplate = "%{y:.3g}";
  const data: Data[] = PARTS.map(({ name }, i) =>
    curve(name, stacked[i]!, { color: COLORS[i]!, width: 0.5 }, {
      stackgroup: "parts",
      fillcolor: faded(COLORS[i]!, 0.55),
      hovertemplate,
    })
  );
  data.push(
    curve("cross term", cross, { color: TEXT_COLOR, width: 1.5, dash: "dot" }, { hovertemplate }),
    curve("all (MSE)", total, { color: TEXT_COLOR }, {
      hovertemplate,
    }),
  );
  return {
    data,
    layout: {
      ...layout(
        `Account of the error${ring === "all" ? "" : frequenciesOfRing(record, ring)}`,
        300,
        {
          below: 52,
        },
      ),
      xaxis: iterationAxis(record.stop.iteration),
      yaxis: axis("mean squared error", {
        type: scale,
        exponentformat: "power",
        ...scale === "log" ? logarithmicRange(total) : linearRange(total, cross),
      }),
    },
  };
}

/** The frequencies of a ring; the last ring includes the spectrum's corners. */
function frequenciesOfRing(
  { picture: { height, width }, series }: RunRecord,
  ring: number,
): string {
  const { radii } = isotropicRings(height, width, series.account!.signal.length);
  const [from, to] = [radii[ring - 1] ?? 0, radii[ring]!].map((radius) => radius.toPrecision(2));
  return ring === radii.length - 1
    ? `, from ${from} cycles/pixel`
    : `, ${from} to ${to} cycles/pixel`;
}

/** The errors of the first twentieth of a run are many times the others and may exceed the range. */
function linearRange(
  total: readonly JsonNumber[],
  cross: readonly JsonNumber[],
): Pick<LayoutAxis, "range"> {
  const later = total.slice(Math.floor(total.length / 20));
  return rangeFrom(Math.min(0, extremes(cross).least), 1.1 * extremes(later).greatest);
}

/** Down to two decades below the least error, because an interaction that changes its sign has no lower limit. */
function logarithmicRange(total: readonly JsonNumber[]): Pick<LayoutAxis, "range"> {
  const { least, greatest } = extremes(total);
  return rangeFrom(Math.log10(least / 100), Math.log10(1.1 * greatest));
}

/** The element-wise sum of lists; null where one of them is null. */
const sumOf = (lists: readonly (readonly JsonNumber[])[]): JsonNumber[] =>
  lists[0]!.map((_, i) =>
    lists.reduce<JsonNumber>((sum, list) => {
      const value = list[i] ?? null;
      return sum === null || value === null ? null : sum + value;
    }, 0)
  );
