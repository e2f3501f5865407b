// A slider and a play button that step through a figure's frames.
import type { Layout } from "plotly.js-dist-min";
import { AXIS, FAINT_COLOR, TEXT_COLOR } from "./style.ts";

/** The height of slider and button, in pixels. */
export const STEPPING = 84;

/** Milliseconds of a frame when playing. */
const DURATION = 400;

const animate = (duration: number) => ({
  mode: "immediate",
  frame: { duration, redraw: true },
  transition: { duration: 0 },
});

/**
 * The controls below the axis; the last frame is the one shown first.
 *
 * @param names The names of the frames, such as their iterations.
 * @param what What they are.
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
