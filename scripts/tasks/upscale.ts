// upscale: enlarges a picture.
import { type Command, Option } from "commander";
import { ENLARGING_BASELINES } from "../../lib/baseline/mod.ts";
import { downsampled, superResolution } from "../../lib/degradation/mod.ts";
import { fillTransparent, type ResamplingKernel } from "../../lib/image/mod.ts";
import { wholeNumber } from "../_command_line.ts";
import { Failure } from "../_failure.ts";
import type { RestorationOptions } from "../_restoration_options.ts";
import { estimateInputDefaults } from "./_estimate_input.ts";
import type { RestorationTask } from "./task.ts";

interface UpscalingOptions extends RestorationOptions {
  factor: number;
  kernel: ResamplingKernel;
  shrink?: boolean;
}

/** The least side of a picture made smaller for an experiment: the smallest that is accepted. */
const SMALLEST = 16;

/** Enlarges a picture. */
export const upscale: RestorationTask<UpscalingOptions> = {
  name: "upscale",
  summary: "Makes a picture larger, with the detail that a small one implies (super-resolution)",
  argument: "the small picture",
  suffix: "-upscaled",
  examples: [
    ["four times as wide and high", "photo.jpg"],
    ["twice", "photo.jpg --factor 2"],
    [
      "an experiment: makes a clean picture smaller first, and measures",
      "data/camera.png --factor 4 --shrink --output large.png",
    ],
  ],
  defaults: estimateInputDefaults("start"),
  addOptions: (command: Command) =>
    command
      .option("--factor <n>", "how many times larger, 2 to 16", wholeNumber(2, 16), 4)
      .addOption(
        new Option("--kernel <name>", "how the picture is taken to have been made smaller")
          .choices(["lanczos2", "lanczos3", "bicubic"]).default("lanczos2"),
      )
      .option(
        "--shrink",
        "for experiments: take the input as clean and make it smaller by the factor first",
      ),
  defaultsFor: () => ({}),
  enlarges: ({ factor, shrink }) => shrink ? 1 : factor,
  pose({ picture: given, reference }, { factor, kernel, shrink }) {
    const picture = fillTransparent(given);
    if (!shrink) return { problem: superResolution(picture, factor, { kernel }), clean: reference };
    if (Math.min(picture.height, picture.width) < SMALLEST * factor) {
      throw new Failure(
        `the picture of ${picture.width}x${picture.height} is too small to be shrunk by ${factor}`,
      );
    }
    const { small, clean } = downsampled(picture, factor, kernel);
    return { problem: superResolution(small, factor, { kernel }), clean: reference ?? clean };
  },
  estimateName: "bicubic",
  baselines: ({ problem: { observed } }, { factor }) =>
    // The bicubic enlargement is the initial estimate itself.
    ENLARGING_BASELINES.filter(({ name }) => name !== "bicubic").map(({ name, run }) => ({
      name,
      run: () => run(observed, factor),
    })),
};
