// deblur: sharpens a picture that has a known blur.
import { type Command, InvalidArgumentError } from "commander";
import {
  type BlurKernel,
  blurKernelFromImage,
  blurred,
  deblurring,
  gaussianBlur,
  motionBlur,
} from "../../lib/degradation/mod.ts";
import { positiveNumber } from "../_command_line.ts";
import { Failure, UsageError } from "../_failure.ts";
import { notesOf, readCompanion } from "../_pictures.ts";
import type { RestorationOptions } from "../_restoration_options.ts";
import { addNoiseOption, WHITE, withNoise } from "./_noise_options.ts";
import { estimateInputDefaults } from "./_estimate_input.ts";
import type { RestorationTask } from "./task.ts";

interface DeblurringOptions extends RestorationOptions {
  gaussian?: number;
  motion?: { length: number; angle: number };
  kernel?: string;
  blur?: boolean;
  addNoise?: number;
}

function motion(text: string): { length: number; angle: number } {
  const [, length, angle] = /^(\d+\.?\d*),(-?\d+\.?\d*)$/.exec(text) ?? [];
  const isLine = Number(length) > 0 && Number(length) <= 100 && Number.isFinite(Number(angle));
  if (length === undefined || !isLine) {
    throw new InvalidArgumentError("It must be length,angle: pixels, at most 100, and degrees.");
  }
  return { length: Number(length), angle: Number(angle) };
}

/** The kernel of the options, and notes. */
async function kernelOf(
  { gaussian, motion, kernel }: DeblurringOptions,
): Promise<{ kernel: BlurKernel; notes: string[] }> {
  if (gaussian !== undefined) return { kernel: gaussianBlur(gaussian), notes: [] };
  if (motion) return { kernel: motionBlur(motion.length, motion.angle), notes: [] };
  const page = await readCompanion(kernel!);
  const { kernel: drawn, background, border } = blurKernelFromImage(page.image);
  const isPoint = drawn.height * drawn.width === 1;
  const notes = isPoint
    ? ["the kernel is a single pixel: that is no blur"]
    : doubtsAbout(background, border);
  return { kernel: drawn, notes: [...notesOf("the kernel", page), ...notes] };
}

/** A kernel whose border is below this part of its peak is complete. */
const FADED = 0.05;

/** Notes on a kernel's border. */
function doubtsAbout(background: number, border: number): string[] {
  const level = (background * WHITE).toFixed(1);
  return [
    ...background > 0
      ? [`the kernel's border is not dark: its level, ${level} of 255, is subtracted`]
      : [],
    ...border > FADED
      ? [
        `the kernel has ${
          Math.round(100 * border)
        }% of its peak at its border: if it goes on there, ` +
        "it is cut off",
      ]
      : [],
  ];
}

/** Sharpens a picture. */
export const deblur: RestorationTask<DeblurringOptions> = {
  name: "deblur",
  summary: "Sharpens a picture that was blurred in a known way",
  argument: "the blurred picture",
  suffix: "-deblurred",
  examples: [
    ["out of focus", "photo.jpg --gaussian 1.6"],
    ["shaken along 15 pixels, 30 degrees from a row", "photo.jpg --motion 15,30"],
    ["a picture of what a point became", "photo.jpg --kernel kernel.png"],
    [
      "an experiment: blurs a clean picture, adds noise and measures",
      "data/camera.png --gaussian 1.6 --blur --add-noise 2 --output sharp.png",
    ],
  ],
  defaults: estimateInputDefaults("start"),
  addOptions(command: Command) {
    command
      .option(
        "--gaussian <sigma>",
        "the blur is Gaussian with this standard deviation, in pixels",
        positiveNumber(16),
      )
      .option("--motion <length,angle>", "the blur is a line, in pixels and degrees", motion)
      .option("--kernel <file>", "the blur is this picture, of at most 101x101 pixels")
      .option("--blur", "for experiments: take the input as clean and blur it first");
    return addNoiseOption(
      command,
      "with --blur, add Gaussian noise of this standard deviation, where white is 255",
    );
  },
  defaultsFor({ gaussian, motion, kernel, blur, addNoise }) {
    const given = [gaussian, motion, kernel].filter((value) => value !== undefined).length;
    if (given !== 1) {
      throw new UsageError("say what the blur is: one of --gaussian, --motion and --kernel");
    }
    if (addNoise !== undefined && !blur) throw new UsageError("--add-noise goes with --blur");
    return {};
  },
  async pose({ picture, reference }, options) {
    const { blur, addNoise, seed } = options;
    const { kernel, notes } = await kernelOf(options);
    const said = notes.length > 0 ? { notes } : {};
    const { height, width } = picture;
    if (kernel.height > height / 2 || kernel.width > width / 2) {
      throw new Failure(
        `the blur of ${kernel.width}x${kernel.height} is too wide for a picture of ${width}x${height}`,
      );
    }
    if (!blur) return { problem: deblurring(picture, kernel), clean: reference, ...said };
    const soft = blurred(picture, kernel);
    const observed = addNoise === undefined ? soft : await withNoise(soft, addNoise, seed);
    return {
      problem: deblurring(observed, kernel),
      clean: reference ?? picture,
      ...addNoise === undefined ? {} : { noiseSigma: addNoise / WHITE },
      ...said,
    };
  },
};
