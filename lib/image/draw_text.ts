// Lines of text as a picture, drawn by the picture library.
import { createImage } from "./create_image.ts";
import type { Image } from "./image.ts";
import { sharp } from "./_sharp.ts";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** The height of the letters, in pixels, and of the lines, as a part of it. */
const LETTERS = 18, LEADING = 1.6;

/**
 * Text all over a picture: 1 where there is ink, else 0.
 *
 * @param size The picture's size.
 * @param text What is written, again and again.
 * @returns One channel. Empty where the machine has no font.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { data } = await drawText({ height: 32, width: 64 }, "words");
 * assert.ok(data.every((value) => value === 0 || value === 1));
 * ```
 */
export async function drawText(
  { height, width }: Pick<Image, "height" | "width">,
  text: string,
): Promise<Image> {
  const word = text.replaceAll(/[&<>]/g, (c) => ESCAPES[c]!);
  const line = `${word} `.repeat(Math.ceil(width / (LETTERS / 4) / (text.length + 1)));
  const step = LETTERS * LEADING;
  const lines = Array.from({ length: Math.ceil(height / step) }, (_, i) =>
    // Each line begins elsewhere, so that letters do not stand in columns.
    `<text x="${-(i * 37 % 200)}" y="${(i + 0.8) * step}">${line}</text>`).join("");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `font-family="sans-serif" font-size="${LETTERS}" font-weight="bold">${lines}</svg>`;
  const { data } = await sharp(new TextEncoder().encode(svg)).ensureAlpha().extractChannel("alpha")
    .raw().toBuffer({ resolveWithObject: true });
  return createImage({
    height,
    width,
    channels: 1,
    data: Float32Array.from(data, (value) => value > 127 ? 1 : 0),
  });
}
