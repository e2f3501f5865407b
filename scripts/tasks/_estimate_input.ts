// Tasks that are restored by plug-and-play, or by a network that is given the picture they start with.
import { DEFAULTS } from "../../lib/restoration/mod.ts";
import type { RestorationDefaults } from "../_restoration_options.ts";

/**
 * Their defaults: no network; with an option of a network, the library's for this input.
 *
 * @param rate How the network is given the start, which decides the step size: with samples hidden, or as it is.
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
