// inpaint: fills holes in a picture.
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  alphaMask,
  inpainting,
  inverted,
  maskOf,
  randomMask,
  type Region,
  regionMask,
  textMask,
} from "../../lib/degradation/mod.ts";
import { type Image, readImage } from "../../lib/image/mod.ts";
import { derive } from "../../lib/random/mod.ts";
import { percentage } from "../_command_line.ts";
import { Failure, UsageError } from "../_failure.ts";
import type { RestorationOptions } from "../_restoration_options.ts";
import { refuseUnlike } from "../_pictures.ts";
import { STARTED } from "./_started.ts";
import type { RestorationTask } from "./task.ts";

interface InpaintingOptions extends RestorationOptions {
  mask?: string;
  holes?: "black" | "white";
  noisy?: boolean;
  remove?: number;
  removeText?: string;
  removeRegion?: Region;
}

function region(text: string): Region {
  const [left, top, width, height] = text.split(",").map(Number);
  if (!/^\d+,\d+,\d+,\d+$/.test(text)) {
    throw new InvalidArgumentError("It must be left,top,width,height in pixels.");
  }
  return { top: top!, left: left!, height: height!, width: width! };
}

/** The options of which one says where the holes are. */
const SOURCES = ["mask", "remove", "removeText", "removeRegion"] as const;

/** The mask that the options name, and whether the picture was whole before. */
async function maskFor(
  picture: Image,
  { mask, holes = "black", remove, removeText, removeRegion, seed }: InpaintingOptions,
): Promise<{ mask: Image; isSimulated: boolean }> {
  if (remove !== undefined) {
    return { mask: randomMask(picture, remove, derive(seed, "mask")), isSimulated: true };
  }
  if (removeText !== undefined) {
    return { mask: await textMask(picture, removeText), isSimulated: true };
  }
  if (removeRegion) return { mask: regionMask(picture, removeRegion), isSimulated: true };
  if (mask === undefined) {
    if (!picture.alpha?.some((alpha) => alpha <= 0.5)) {
      throw new Failure("the picture has no transparent holes: say where they are with --mask");
    }
    const opaque = alphaMask(picture);
    return { mask: holes === "white" ? inverted(opaque) : opaque, isSimulated: false };
  }
  const drawn = maskOf(await readImage(mask));
  refuseUnlike({ ...picture, channels: 1 }, drawn, ["the picture", "the mask"]);
  return { mask: holes === "white" ? inverted(drawn) : drawn, isSimulated: false };
}

/** Fills holes. */
export const inpaint: RestorationTask<InpaintingOptions> = {
  name: "inpaint",
  summary: "Fills the holes of a picture",
  argument: "the picture with holes",
  suffix: "-inpainted",
  examples: [
    ["the holes are black in a mask of the picture's size", "photo.png --mask mask.png"],
    ["the holes are white in it", "photo.png --mask mask.png --holes white"],
    ["the holes are transparent", "photo.png"],
    [
      "an experiment: half of the pixels are taken away",
      "data/camera.png --remove 50 --output filled.png --report run.html",
    ],
    [
      "an experiment: text is written over the picture",
      "data/coffee.png --remove-text 'Some text'",
    ],
  ],
  defaults: STARTED,
  addOptions: (command: Command) =>
    command
      .option("--mask <file>", "a picture of its size: white is known, black is a hole")
      .addOption(
        new Option("--holes <colour>", "which colour of the mask is a hole (default: black)")
          .choices(["black", "white"]),
      )
      .option("--noisy", "the known pixels are noisy: they are restored too, not kept")
      .option(
        "--remove <percent>",
        "for experiments: take the input as clean and remove so many of its pixels by chance",
        percentage,
      )
      .option("--remove-text <text>", "for experiments: the same, where this text would stand")
      .option("--remove-region <x,y,w,h>", "for experiments: the same, in a rectangle", region),
  settle(options) {
    const sources = SOURCES.filter((name) => options[name] !== undefined);
    if (sources.length > 1) {
      throw new UsageError(
        "only one of --mask, --remove, --remove-text and --remove-region can say where the holes are",
      );
    }
    if (options.holes && sources.length === 1 && options.mask === undefined) {
      throw new UsageError("--holes goes with --mask or a transparent picture");
    }
    return {};
  },
  async pose({ picture, reference }, options) {
    const { mask, isSimulated } = await maskFor(picture, options);
    const { alpha, ...opaque } = picture;
    // Holes that were transparent are opaque once they are filled.
    const isAlphaTheMask = !isSimulated && options.mask === undefined;
    const observed = isAlphaTheMask || !alpha ? opaque : picture;
    const known = (image: Image): Image => ({
      ...image,
      data: image.data.map((value, i) => mask.data[Math.floor(i / image.channels)] ? value : 0),
    });
    return {
      problem: inpainting(isSimulated ? known(observed) : observed, mask, {
        keep: !options.noisy,
      }),
      clean: reference ?? (isSimulated ? picture : undefined),
    };
  },
  start: "smooth filling",
};
