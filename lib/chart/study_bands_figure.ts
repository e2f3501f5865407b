// What a setting does to the bands that a network learns.
import type { Data } from "plotly.js-dist-min";
import { nameOf, without } from "./_case_name.ts";
import { errorBars, spreadOf } from "./_spread.ts";
import type { Figure } from "./figure.ts";
import type { StudyResult } from "./study.ts";
import { axis, bandName, layout, orderedColor } from "./style.ts";

/**
 * The band correspondence H at the end of every run, a line a band over the combinations of settings: the mean
 * over the seeds and, of several, their standard deviation as error bars.
 *
 * @param results The cases.
 * @returns The figure.
 * @throws {RangeError} If no case has `series.bands`.
 *
 * @example Two seeds
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const results = [0.5, 0.75].map((H, seed) => ({
 *   settings: { lipschitz: "1.4", seed: `${seed}` },
 *   psnr: null,
 *   record: { series: { loss: [], misfit: [], milliseconds: [], bands: [[0, H]] } },
 * }));
 * const [line] = studyBandsFigure(results).data;
 * assert.deepEqual(line, { ...line, x: ["lipschitz 1.4"], y: [0.625] });
 * ```
 */
export function studyBandsFigure(results: readonly StudyResult[]): Figure {
  const measured = results.flatMap(({ settings, record: { series: { bands } } }) =>
    bands ? [{ settings, last: bands.map((values) => values.at(-1) ?? null) }] : []
  );
  if (measured.length === 0) {
    throw new RangeError("`results` must have series.bands: restore with `measure`");
  }
  const groups = [...Map.groupBy(measured, ({ settings }) => nameOf(without(settings, "seed")))];
  const count = measured[0]!.last.length;
  const data = Array.from({ length: count }, (_, band): Data => {
    const spreads = groups.map(([, cases]) =>
      spreadOf(cases.flatMap(({ last }) => last[band] ?? []))
    );
    return {
      type: "scatter",
      mode: "lines+markers",
      name: bandName(band, count),
      x: groups.map(([name]) => name || "all"),
      y: spreads.map(({ mean }) => mean),
      ...errorBars(groups.map(([, cases]) => cases.length), spreads),
      line: { width: 2, color: orderedColor(band, count) },
      marker: { size: 8 },
      hovertemplate: "%{y:.3f}",
    };
  });
  return {
    data,
    layout: {
      ...layout("Bands by setting", 300, { below: 52 }),
      xaxis: axis("", {
        type: "category",
        zeroline: false,
        range: [-0.5, groups.length - 0.5],
      }),
      yaxis: axis("H, output / observed", { range: [0, 1.02] }),
    },
  };
}
