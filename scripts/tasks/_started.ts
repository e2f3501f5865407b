// Tasks that are restored by plug-and-play, or by a network that is given the picture they start with.
import { DEFAULT_LEARNING_RATES } from "../../lib/restoration/mod.ts";
import type { RestorationDefaults } from "../_restoration_options.ts";

/**
 * Their defaults: no network; with an option of a network, the library's for this input.
 *
 * @param rate How the network is given the start, which decides the step size: with samples hidden, or as it is.
 * @returns The defaults.
 */
export const startedDefaults = (rate: "hiddenSamples" | "start"): RestorationDefaults => ({
  objective: "plug-and-play",
  input: "start",
  help: {
    iterations: "the quality's; with mse 500, with --input random 3000",
    learningRate: `${DEFAULT_LEARNING_RATES[rate]}; with --input random the network's`,
    averaging: "0.97; with --input random 0.99",
  },
});
