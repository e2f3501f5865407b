// inpaint: fills the holes of a picture.
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  alphaMask,
  inpainting,
  invertMask,
  maskFromImage,
  randomMask,
  type Region,
  regionMask,
  textMask,
} from "../../lib/degradation/mod.ts";
import type { Image } from "../../lib/image/mod.ts";
import { derive } from "../../lib/random/mod.ts";
import { percentage } from "../_command_line.ts";
import { Failure, UsageError } from "../_failure.ts";
import type { RestorationOptions } from "../_restoration_options.ts";
import { notesOf, type Pictures, readCompanion, requireSameSize } from "../_pictures.ts";
import { estimateInputDefaults } from "./_estimate_input.ts";
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

/** The options for the holes, of which one is needed. */
const SOURCES = ["mask", "remove", "removeText", "removeRegion"] as const;

/** The mask of the options, and whether the picture itself has no holes. */
async function maskFor(
  pictures: Pictures,
  { mask, holes = "black", remove, removeText, removeRegion, seed }: InpaintingOptions,
): Promise<{ mask: Image; isSimulated: boolean; notes?: readonly string[] }> {
  const { picture } = pictures;
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
    return { mask: holes === "white" ? invertMask(opaque) : opaque, isSimulated: false };
  }
  const page = await readCompanion(mask, pictures), { image: drawn } = page;
  requireSameSize(picture, drawn, ["the picture", "the mask"]);
  return {
    mask: maskFromImage(drawn, { holes }),
    isSimulated: false,
    notes: notesOf("the mask", page),
  };
}

/** If the holes are more than this part, the other colour may be meant. */
const MANY = 0.5;

/** Warnings about a mask before a long run; refuses a mask without holes. */
function maskWarnings(
  { data }: Image,
  { mask, holes = "black" }: InpaintingOptions,
): readonly string[] {
  const count = data.reduce((sum, value) => sum + (value === 0 ? 1 : 0), 0);
  const other = holes === "black" ? "white" : "black";
  const isDrawn = mask !== undefined;
  if (count === 0) {
    const hint = isDrawn ? ` (--holes ${other} if those are its holes)` : "";
    const what = isDrawn
      ? `the mask has no hole (${holes}, transparent, or strokes on a transparent layer)`
      : "there is no hole";
    throw new Failure(`${what}: nothing is to be filled${hint}`);
  }
  if (count === data.length) {
    const hint = isDrawn ? ` (--holes ${other} if those are its holes)` : "";
    throw new Failure(`the mask leaves no pixel known${hint}`);
  }
  const share = count / data.length;
  if (!isDrawn || share <= MANY) return [];
  return [
    `${Math.round(100 * share)}% of the picture are holes: if the mask is meant the other way, ` +
    `say --holes ${other}`,
  ];
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
  defaults: estimateInputDefaults("hiddenSamples"),
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
  defaultsFor(options) {
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
  async pose(pictures, options) {
    const { picture, reference } = pictures;
    const { mask, isSimulated, notes: ofFile = [] } = await maskFor(pictures, options);
    const notes = [...ofFile, ...maskWarnings(mask, options)];
    const { alpha, ...opaque } = picture;
    // Holes that were transparent become opaque when they are filled.
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
      ...notes.length > 0 && { notes },
    };
  },
  estimateName: "smooth filling",
};
