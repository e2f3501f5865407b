// deblock: removes the blocks of a JPEG picture.
import type { Command } from "commander";
import { deblocking } from "../../lib/degradation/mod.ts";
import { compressJpeg, createImage } from "../../lib/image/mod.ts";
import { wholeNumber } from "../_command_line.ts";
import { Failure, UsageError } from "../_failure.ts";
import type { RestorationOptions } from "../_restoration_options.ts";
import { estimateInputDefaults } from "./_estimate_input.ts";
import type { RestorationTask } from "./task.ts";

interface DeblockingOptions extends RestorationOptions {
  jpegQuality?: number;
  compress?: number;
}

/** Removes the blocks. */
export const deblock: RestorationTask<DeblockingOptions> = {
  name: "deblock",
  summary: "Takes the blocks out of a JPEG picture",
  argument: "the JPEG picture",
  suffix: "-deblocked",
  examples: [
    ["the file says how it was compressed", "photo.jpg --output photo.png"],
    ["a JPEG that was kept as PNG", "photo.png --jpeg-quality 10"],
    ["a JPEG that was once compressed more and saved again", "photo.jpg --jpeg-quality 10"],
    [
      "an experiment: compresses a clean picture and measures",
      "data/coffee.png --compress 10 --output restored.png",
    ],
  ],
  defaults: estimateInputDefaults("start"),
  addOptions: (command: Command) =>
    command
      .option(
        "--jpeg-quality <q>",
        "the quality it was compressed with, 1 to 100 (default: what the JPEG file says)",
        wholeNumber(1, 100),
      )
      .option(
        "--compress <q>",
        "for experiments: take the input as clean and compress it with this quality",
        wholeNumber(1, 100),
      ),
  defaultsFor({ jpegQuality, compress }) {
    if (jpegQuality !== undefined && compress !== undefined) {
      throw new UsageError("--jpeg-quality and --compress do not go together");
    }
    return {};
  },
  async pose({ file, picture, reference, quantization: found }, { jpegQuality, compress }) {
    if (compress !== undefined) {
      const { image, quantization } = await compressJpeg(picture, compress);
      return { problem: deblocking(image, quantization), clean: reference ?? picture };
    }
    if (jpegQuality !== undefined) {
      // Most programs use the library's (libjpeg's) tables for this quality.
      const { channels } = picture;
      const { quantization } = await compressJpeg(
        createImage({ height: 16, width: 16, channels }),
        jpegQuality,
      );
      // In a JPEG file that was turned by its EXIF the blocks are still aligned with the stored picture.
      const { fromBottom, fromRight } = found ?? {};
      const sides = { ...fromBottom && { fromBottom }, ...fromRight && { fromRight } };
      return { problem: deblocking(picture, { ...quantization, ...sides }), clean: reference };
    }
    if (!found) {
      throw new Failure(
        `"${file}" is no JPEG in grey or YCbCr, so it does not say how it was compressed: say --jpeg-quality`,
      );
    }
    return { problem: deblocking(picture, found), clean: reference };
  },
};
