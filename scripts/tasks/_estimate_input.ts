// Defaults of tasks that use plug-and-play, or a network whose input is the initial estimate.
import { DEFAULTS } from "../../lib/restoration/mod.ts";
import type { RestorationDefaults } from "../_restoration_options.ts";

/**
 * The defaults: no network; with an option of a network, the library's defaults for this input.
 *
 * @param rate Which step size is used: for samples hidden from the network, or for the initial estimate as it is.
 * @returns The defaults.
 */
export function estimateInputDefaults(rate: "hiddenSamples" | "start"): RestorationDefaults {
  const { mse, [rate]: started } = DEFAULTS.training, random = "with --input random";
  return {
    objective: "plug-and-play",
    input: "start",
    help: {
      iterations: `the quality's; with mse ${started.iterations}, ${random} ${mse.iterations}`,
      learningRate: `${started.learningRate}; ${random} the network's`,
      averaging: `${started.averaging}; ${random} ${mse.averaging}`,
    },
  };
}
