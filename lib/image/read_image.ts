// Reads a picture's file into an Image.
import type { Metadata } from "sharp";
import { ImageError } from "./image_error.ts";
import type { Image } from "./image.ts";
import { reason } from "./_reason.ts";
import { sharp } from "./_sharp.ts";

const FORMATS: readonly string[] = ["png", "jpeg", "webp", "tiff", "heif"];
const NOT_A_PICTURE = "it is not a PNG, JPEG, WebP, TIFF or AVIF picture, or it is damaged";

/** Below this the networks' five halvings and the 11x11 SSIM window have nothing to work on. */
const SMALLEST_SIDE = 16;

/** 0x3FFF squared, sharp's usual bound; as numbers such a picture already takes 3 GB. */
const MOST_PIXELS = 268_402_689;

/**
 * Reads a PNG, JPEG, WebP, TIFF or AVIF picture.
 *
 * Grey stays grey, 16 bits stay 16 bits (AVIF of 10 or 12 bits counts as 16), a palette becomes
 * RGB, and other colours (CMYK, Lab, an embedded profile) become sRGB. The EXIF orientation is
 * applied. Opacity is kept aside in `alpha` and the colours below it are left as they are. WebP
 * and AVIF do not record that a picture is grey: they are read as grey where the three channels
 * are equal in every pixel. Of an animation or a stack the first picture is read.
 *
 * @param path The picture's file.
 * @returns The picture.
 * @throws {ImageError} If the file cannot be read, is no picture of these formats, is damaged or
 * cut short, has samples that are not whole numbers of up to 16 bits, has a side below 16 pixels
 * or has more than 268 million pixels.
 *
 * @example Read back what was written
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "./create_image.ts";
 * import { writeImage } from "./write_image.ts";
 *
 * const path = await Deno.makeTempFile({ suffix: ".png" });
 * await writeImage(path, createImage({ height: 16, width: 24, channels: 3 }));
 *
 * const image = await readImage(path);
 * assert.deepEqual([image.height, image.width, image.channels], [16, 24, 3]);
 * await Deno.remove(path);
 * ```
 */
export async function readImage(path: string): Promise<Image> {
  const fail = (why: string, cause?: unknown): never => {
    throw new ImageError(`cannot read "${path}": ${why}`, cause ? { cause } : undefined);
  };
  const bytes = await Deno.readFile(path).catch((error) => fail(reason(error), error));
  if (bytes.length === 0) fail("the file is empty");

  // failOn is at its strictest: a decoder's mere warning often means that part of a picture is lost.
  // The size is checked below, where it can be named.
  const picture = sharp(bytes, { failOn: "warning", limitInputPixels: false }).autoOrient();
  const header = await picture.metadata().catch((error) => fail(NOT_A_PICTURE, error));
  const problem = problemOf(header);
  if (problem) fail(problem);

  const wide = header.depth === "ushort";
  // Grey is decoded as RGB too and one channel taken: in "b-w" sharp would drop the alpha, and
  // without a colour space it makes 8 bits of 16-bit grey.
  const decoded = await picture
    .toColourspace(wide ? "rgb16" : "srgb")
    .raw({ depth: wide ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true })
    .catch((error) => fail("the picture is damaged or cut short", error));

  const { data: { buffer, byteOffset, byteLength }, info } = decoded;
  const samples = wide
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Uint8Array(buffer, byteOffset, byteLength);
  // 10 and 12 bits arrive shifted up to 16: their white is 1023 << 6 and 4095 << 4.
  const white = wide ? 65536 - 2 ** (16 - (header.bitsPerSample ?? 16)) : 255;
  const { height, width, channels: stride } = info;
  const saysGrey = header.space === "b-w" || header.space === "grey16";
  const cannotSay = header.format === "webp" || header.format === "heif";
  const channels = saysGrey || (cannotSay && isGrey(samples, stride)) ? 1 : 3;
  const image: Image = {
    height,
    width,
    channels,
    data: new Float32Array(height * width * channels),
    bitDepth: wide ? 16 : 8,
  };
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let c = 0; c < channels; c++) {
      image.data[pixel * channels + c] = Math.min(samples[pixel * stride + c]! / white, 1);
    }
  }
  if (stride === 4) {
    image.alpha = Float32Array.from(
      { length: height * width },
      (_, pixel) => Math.min(samples[pixel * 4 + 3]! / white, 1),
    );
  }
  return image;
}

/** Why a picture with this header is not read, if it is not. */
function problemOf({ format, compression, depth, autoOrient }: Metadata): string | undefined {
  const { height, width } = autoOrient;
  if (!FORMATS.includes(format) || (format === "heif" && compression !== "av1")) {
    return `a ${format} picture is not read, only PNG, JPEG, WebP, TIFF and AVIF`;
  }
  if (depth !== "uchar" && depth !== "ushort") {
    return `its samples are of type ${depth}; only whole numbers of 8 or 16 bits are read`;
  }
  if (Math.min(height, width) < SMALLEST_SIDE) {
    return `the picture is ${width}x${height}; it must be at least ${SMALLEST_SIDE}x${SMALLEST_SIDE}`;
  }
  if (height * width > MOST_PIXELS) {
    return `the picture is ${width}x${height}; it may have at most 268 million pixels`;
  }
  return undefined;
}

/** Whether red, green and blue are equal in every pixel. */
function isGrey(samples: Uint8Array | Uint16Array, stride: number): boolean {
  for (let i = 0; i < samples.length; i += stride) {
    if (samples[i] !== samples[i + 1] || samples[i] !== samples[i + 2]) return false;
  }
  return true;
}
