// A slider and a play button for a figure's frames, and the steps that a still figure shows.
import type { Layout } from "plotly.js-dist-min";
import type { RunRecord } from "../restoration/mod.ts";
import { AXIS, FAINT_COLOR, TEXT_COLOR } from "./style.ts";

/** The height of slider and button, in pixels. */
export const STEPPING = 84;

/** The duration of a frame when playing, in milliseconds. */
const DURATION = 400;

const animate = (duration: number) => ({
  mode: "immediate",
  frame: { duration, redraw: true },
  transition: { duration: 0 },
});

/**
 * The controls below the axis; the last frame is shown first.
 *
 * @param names The names of the frames, such as their iterations.
 * @param what What the names are.
 * @returns The parts of the layout.
 */
export function stepping(
  names: readonly (number | string)[],
  what = "iteration",
): Pick<Layout, "sliders" | "updatemenus"> {
  return {
    sliders: [{
      active: names.length - 1,
      x: 0,
      y: 0,
      yanchor: "top",
      len: 1,
      pad: { l: 96, r: 12, t: AXIS },
      currentvalue: { prefix: `${what} `, xanchor: "left", font: { size: 13 } },
      font: { size: 11, color: TEXT_COLOR },
      bgcolor: FAINT_COLOR,
      activebgcolor: TEXT_COLOR,
      bordercolor: TEXT_COLOR,
      borderwidth: 1,
      tickcolor: TEXT_COLOR,
      transition: { duration: 0 },
      steps: names.map((name) => ({
        label: String(name),
        method: "animate",
        args: [[String(name)], animate(0)],
      })),
    }],
    updatemenus: [{
      type: "buttons",
      direction: "left",
      showactive: false,
      x: 0,
      xanchor: "left",
      y: 0,
      yanchor: "top",
      pad: { t: AXIS + 14 },
      bgcolor: "rgba(0, 0, 0, 0)",
      bordercolor: FAINT_COLOR,
      font: { size: 13, color: TEXT_COLOR },
      buttons: [
        { label: "▶", method: "animate", args: [null, animate(DURATION)] },
        { label: "❚❚", method: "animate", args: [[null], animate(0)] },
      ],
    }],
  };
}

type Step = NonNullable<RunRecord["snapshots"]>["steps"][number];

/** A step and its name. */
interface Moment {
  readonly name: string;
  readonly step: Step;
}

/**
 * The first snapshot, the best and the last. The best is that of the highest PSNR or, without a reference, the one
 * closest to the iteration of the result. Equal ones are shown once, with all names.
 */
export function momentsOf({ series: { psnr }, stop }: RunRecord, steps: readonly Step[]): Moment[] {
  const better = (a: Step, b: Step): Step => {
    if (!psnr) return Math.abs(b.iteration - stop.best) < Math.abs(a.iteration - stop.best) ? b : a;
    return (psnr[b.iteration - 1] ?? -Infinity) > (psnr[a.iteration - 1] ?? -Infinity) ? b : a;
  };
  const best = steps.reduce(better);
  const named: [name: string, step: Step][] = [
    ["start", steps[0]!],
    [psnr ? "peak" : "result", best],
    ["end", steps.at(-1)!],
  ];
  return [...Map.groupBy(named, ([, step]) => step)].map(([step, names]) => ({
    step,
    name: `${names.map(([name]) => name).join(" and ")}, ${step.iteration}`,
  }));
}
