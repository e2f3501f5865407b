// The restoration as it comes about.
import type { Data, UpdateMenu } from "plotly.js-dist-min";
import type { RunRecord } from "../restoration/mod.ts";
import { momentsOf } from "./_moments.ts";
import { need } from "./_need.ts";
import { type PanelOptions, panels } from "./_panels.ts";
import { pictureTrace } from "./_picture.ts";
import { STEPPING, stepping } from "./_stepping.ts";
import type { Figure } from "./figure.ts";
import { FAINT_COLOR, TEXT_COLOR } from "./style.ts";

/** The height of the buttons that exchange before and after, in pixels. */
const TOGGLE = 36;

/**
 * The network's output at the iterations of the snapshots, beside what was observed and the reference if
 * there is one; zooming into one zooms into all. Two buttons show in the output's place what was observed,
 * and the output again: a difference is seen best where the eye stays.
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
 * assert.deepEqual(data.map(({ name }) => name), ["observed", "output", "reference", "before"]);
 * ```
 */
export function outputsFigure(record: RunRecord, options: PanelOptions = {}): Figure {
  const snapshots = need(record.snapshots, "snapshots", "restore with `snapshots`");
  const steps = need(snapshots.steps, "snapshots.steps", "let the run make an iteration");
  const { height, width } = record.picture;
  const { observed, reference } = snapshots;
  const extent = { left: 0, right: width, top: 0, bottom: height };
  const shared = { title: "Outputs", extent, xUnit: "pixels", yUnit: "pixels" } as const;
  const last: readonly (readonly [string, string])[] = reference ? [["reference", reference]] : [];
  const { data, layout } = panels({
    ...options,
    ...shared,
    pictures: [
      ["observed", observed],
      ["output", steps.at(-1)!.output],
      ...last,
    ],
    above: TOGGLE,
    below: STEPPING,
  });
  // Over the output, and out of sight until it is asked for.
  const before: Data = {
    ...pictureTrace(observed, extent),
    name: "before",
    xaxis: "x2",
    yaxis: "y2",
    visible: false,
  };
  const moments = momentsOf(record, steps).map(({ name, step }) => [name, step.output] as const);
  const steppers = stepping(steps.map(({ iteration }) => iteration));
  return {
    data: [...data, before],
    frames: steps.map(({ iteration, output }) => ({
      name: String(iteration),
      traces: [1],
      data: [{ source: output }],
    })),
    layout: {
      ...layout,
      ...steppers,
      updatemenus: [...steppers.updatemenus!, toggle(data.length)],
    },
    still: panels({ ...shared, pictures: [...moments, ...last], below: 0 }),
  };
}

/** Two buttons above the pictures that show and hide a trace. */
const toggle = (trace: number): Partial<UpdateMenu> => ({
  type: "buttons",
  direction: "left",
  // Plotly paints an active button nearly white, on which text for dark pages cannot be read.
  showactive: false,
  x: 1,
  xanchor: "right",
  y: 1,
  yanchor: "bottom",
  pad: { b: 6 },
  bgcolor: "rgba(0, 0, 0, 0)",
  bordercolor: FAINT_COLOR,
  font: { size: 12, color: TEXT_COLOR },
  buttons: [
    { label: "output", method: "restyle", args: [{ visible: false }, [trace]] },
    { label: "before", method: "restyle", args: [{ visible: true }, [trace]] },
  ],
});
