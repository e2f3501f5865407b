// The restoration as it comes about.
import type { RunRecord } from "../restoration/mod.ts";
import { need } from "./_need.ts";
import { type PanelOptions, panels } from "./_panels.ts";
import { STEPPING, stepping } from "./_stepping.ts";
import type { Figure } from "./figure.ts";

/**
 * The network's output at the iterations of the snapshots, beside what was observed and the reference if
 * there is one; zooming into one zooms into all.
 *
 * @param record A run's record.
 * @param options How the pictures are arranged.
 * @returns The figure, with frames.
 * @throws {RangeError} If the record has no snapshots.
 *
 * @example Pictures below each other, for a narrow page
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const record = JSON.parse(await Deno.readTextFile("tests/chart/record.json"));
 * const { data } = outputsFigure(record, { arrange: "column" });
 * assert.deepEqual(data.map(({ name }) => name), ["observed", "output", "reference"]);
 * ```
 */
export function outputsFigure(record: RunRecord, options: PanelOptions = {}): Figure {
  const snapshots = need(record.snapshots, "snapshots", "restore with `snapshots`");
  const steps = need(snapshots.steps, "snapshots.steps", "let the run make an iteration");
  const { height, width } = record.picture;
  const { observed, reference } = snapshots;
  const { data, layout } = panels({
    ...options,
    title: "Outputs",
    pictures: [
      ["observed", observed],
      ["output", steps.at(-1)!.output],
      ...reference ? [["reference", reference] as const] : [],
    ],
    extent: { left: 0, right: width, top: 0, bottom: height },
    xUnit: "pixels",
    yUnit: "pixels",
    below: STEPPING,
  });
  return {
    data,
    frames: steps.map(({ iteration, output }) => ({
      name: String(iteration),
      traces: [1],
      data: [{ source: output }],
    })),
    layout: { ...layout, ...stepping(steps.map(({ iteration }) => iteration)) },
  };
}
