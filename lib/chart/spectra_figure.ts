// Spectra as they fill up, from the low frequencies to the high ones.
import type { RunRecord } from "../restoration/mod.ts";
import { momentsOf } from "./_moments.ts";
import { need } from "./_need.ts";
import type { PanelOptions } from "./_panels.ts";
import { spectrumPanels } from "./_spectrum_panels.ts";
import { STEPPING, stepping } from "./_stepping.ts";
import type { Figure } from "./figure.ts";

/**
 * Log power spectra at the iterations of the snapshots: of the output, of what was observed, which the
 * network fits, and, with a reference, of the output's error. One grey scale holds for all.
 *
 * @param record A run's record.
 * @param options How the spectra are arranged.
 * @returns The figure, with frames.
 * @throws {RangeError} If the record has no snapshots.
 *
 * @example Three spectra and their grey scale
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const record = JSON.parse(await Deno.readTextFile("tests/chart/record.json"));
 * const { data } = spectraFigure(record);
 * assert.deepEqual(data.map(({ name }) => name), ["output", "target", "error", "grey scale"]);
 * ```
 */
export function spectraFigure(record: RunRecord, options: PanelOptions = {}): Figure {
  const snapshots = need(record.snapshots, "snapshots", "restore with `snapshots`");
  const steps = need(snapshots.steps, "snapshots.steps", "let the run make an iteration");
  const { spectrum, errorSpectrum } = steps.at(-1)!;
  const shared = { size: record.picture, range: snapshots.spectrumRange };
  const target = ["target", snapshots.observedSpectrum] as const;
  const { data, layout } = spectrumPanels({
    ...options,
    ...shared,
    pictures: [
      ["output", spectrum],
      target,
      ...errorSpectrum ? [["error", errorSpectrum] as const] : [],
    ],
    below: STEPPING,
  });
  return {
    data,
    frames: steps.map(({ iteration, spectrum, errorSpectrum }) => ({
      name: String(iteration),
      traces: errorSpectrum ? [0, 2] : [0],
      data: [spectrum, ...errorSpectrum ? [errorSpectrum] : []].map((source) => ({ source })),
    })),
    layout: { ...layout, ...stepping(steps.map(({ iteration }) => iteration)) },
    still: spectrumPanels({
      ...shared,
      title: "Spectra of the output",
      pictures: [
        ...momentsOf(record, steps).map(({ name, step }) => [name, step.spectrum] as const),
        target,
      ],
      below: 0,
    }),
  };
}
