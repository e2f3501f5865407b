// Composes the frames of an animated PNG.
import type { Image } from "../image.ts";
import { decode, type DecodeOptions, Unreadable } from "./decode.ts";
import type { Frames } from "./png.ts";

/**
 * The composed pictures of an animated PNG, each of the whole canvas.
 *
 * @param animation The stored frames.
 * @param options How they are decoded.
 * @returns The picture of each frame, in order.
 * @throws {Unreadable} If a frame is damaged or lies outside the canvas.
 */
export async function* playedFrames(
  { width, height, frames }: Frames,
  options: DecodeOptions,
): AsyncGenerator<Image> {
  let canvas: Image | undefined;
  for (const { png, left, top, dispose, isOver } of frames) {
    const { image } = await decode(png, options);
    if (left + image.width > width || top + image.height > height) {
      throw new Unreadable("the picture is damaged: a frame lies outside it");
    }
    const before: Image = canvas ?? blank(image, width, height);
    const seen = copied(before);
    draw(image, seen, left, top, isOver);
    yield seen.alpha?.every((value) => value === 1) ? withoutAlpha(seen) : seen;
    if (dispose === "none") canvas = seen;
    else if (dispose === "previous") canvas = before;
    else {
      canvas = copied(seen);
      clear(canvas, left, top, image.height, image.width);
    }
  }
}

const withoutAlpha = ({ alpha: _, ...image }: Image): Image => image;

/** A transparent canvas with the channels and bits of a picture. */
function blank({ channels, bitDepth }: Image, width: number, height: number): Image {
  return {
    height,
    width,
    channels,
    data: new Float32Array(height * width * channels),
    alpha: new Float32Array(height * width),
    ...bitDepth && { bitDepth },
  };
}

const copied = (image: Image): Image => ({
  ...image,
  data: image.data.slice(),
  ...image.alpha && { alpha: image.alpha.slice() },
});

/** Draws a frame on the canvas, blended with the canvas or in its place. */
function draw(frame: Image, canvas: Image, left: number, top: number, isOver: boolean): void {
  const { channels } = canvas, alpha = canvas.alpha!;
  for (let y = 0; y < frame.height; y++) {
    for (let x = 0; x < frame.width; x++) {
      const from = y * frame.width + x, to = (top + y) * canvas.width + left + x;
      const above = frame.alpha?.[from] ?? 1, below = isOver ? alpha[to]! * (1 - above) : 0;
      const sum = above + below;
      for (let c = 0; c < channels; c++) {
        const drawn = frame.data[from * channels + c]!, old = canvas.data[to * channels + c]!;
        canvas.data[to * channels + c] = sum > 0 ? (drawn * above + old * below) / sum : drawn;
      }
      alpha[to] = sum;
    }
  }
}

function clear(canvas: Image, left: number, top: number, height: number, width: number): void {
  const { channels, data, alpha } = canvas;
  for (let y = top; y < top + height; y++) {
    const from = y * canvas.width + left;
    data.fill(0, from * channels, (from + width) * channels);
    alpha!.fill(0, from, from + width);
  }
}
