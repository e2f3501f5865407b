// Tasks that are restored by plug-and-play, or by a network that is given the picture they start with.
import type { RestorationDefaults } from "../_restoration_options.ts";

/** Their defaults: no network; with an option of a network, the library's for this input. */
export const STARTED: RestorationDefaults = {
  objective: "plug-and-play",
  input: "start",
  help: {
    iterations: "the quality's; with mse 500, with --input random 3000",
    learningRate: "0.02; with --input random the network's",
    averaging: "0.97; with --input random 0.99",
  },
};
