// Tasks whose network is given the picture it starts with.
import type { RestorationDefaults } from "../_restoration_options.ts";

/** Their defaults: the library's for this input. */
export const STARTED: RestorationDefaults = {
  objective: "mse",
  input: "start",
  help: {
    iterations: "500; with --input random 3000",
    learningRate: "0.02; with --input random the network's",
    averaging: "0.97; with --input random 0.99",
  },
};
