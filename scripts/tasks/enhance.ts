// enhance: enhances the detail of a picture.
import { type Command, Option } from "commander";
import { enhancement } from "../../lib/degradation/mod.ts";
import { positiveNumber } from "../_command_line.ts";
import type { RestorationOptions } from "../_restoration_options.ts";
import type { RestorationTask } from "./task.ts";

interface EnhancementOptions extends RestorationOptions {
  strength: number;
  form: "signed" | "paper";
}

/** Enhances detail. */
export const enhance: RestorationTask<EnhancementOptions> = {
  name: "enhance",
  summary: "Makes a picture's detail stronger: what the network has not learned yet is detail",
  argument: "the picture",
  suffix: "-enhanced",
  examples: [
    ["writes photo-enhanced.jpg", "photo.jpg"],
    ["only the finest detail, twice", "photo.jpg --iterations 300 --strength 2"],
  ],
  // The paper's defaults: a decoder with a bound learns a smooth base.
  defaults: {
    objective: "mse",
    network: "decoder",
    lipschitz: 1,
    help: { iterations: "100", learningRate: "the network's", averaging: "0.9" },
  },
  addOptions: (command: Command) =>
    command
      .option("--strength <s>", "how many times the detail is added", positiveNumber(10), 1)
      .addOption(
        new Option(
          "--form <name>",
          "signed: bright detail brighter and dark detail darker; paper: only brighter, as its code",
        ).choices(["signed", "paper"]).default("signed"),
      ),
  defaultsFor: () => ({}),
  pose: ({ picture, reference }, { strength, form }) => ({
    problem: enhancement(picture, { strength, form }),
    clean: reference,
  }),
};
