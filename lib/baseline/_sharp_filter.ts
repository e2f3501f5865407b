// A filter of sharp applied to an Image, at the 16 bits of a sample that sharp keeps.
import type { Sharp } from "sharp";
import type { Image } from "../image/mod.ts";
import { checked } from "./_picture.ts";

/** sharp has no way to give a float picture in and get it out: samples are rounded to these levels. */
const WHITE = 65535;

/**
 * The image filtered.
 *
 * @param image The picture; its samples are clipped to [0, 1].
 * @param filter Adds the filter, which keeps the size.
 * @returns A new picture.
 */
export async function sharpFilter(
  image: Image,
  filter: (picture: Sharp) => Sharp,
): Promise<Image> {
  const { height, width, channels, data } = checked(image);
  const levels = Uint16Array.from(
    data,
    (value) => Math.round(Math.min(Math.max(value, 0), 1) * WHITE),
  );
  const space = channels === 1 ? "grey16" : "rgb16";
  const { default: sharp } = await import("sharp");
  const picture = sharp(levels, { raw: { height, width, channels } })
    .pipelineColourspace(space)
    .toColourspace(space);
  const bytes = await filter(picture).raw({ depth: "ushort" }).toBuffer();
  const filtered = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  return { ...image, data: Float32Array.from(filtered, (level) => level / WHITE) };
}
