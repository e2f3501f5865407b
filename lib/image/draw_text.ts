// Draws lines of text as a picture.
import { createImage, type Image } from "./image.ts";
import { loadSharp } from "./_sharp.ts";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Characters that XML cannot contain, even escaped: control characters and unpaired surrogates. */
const UNFIT = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

/** The height of the letters, in pixels, and the distance of lines divided by it. */
const LETTERS = 18, LEADING = 1.6;

/** The largest random shift of a line to the left, in pixels, so that letters do not form columns. */
const SHIFTS = 200;

/**
 * Draws text over a whole picture: 1 where there is ink, else 0.
 *
 * @param size The picture's size.
 * @param text The text; it is repeated.
 * @returns One channel; empty if the machine has no font.
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
  // The number of narrow letters that fill a line; text beyond it is never visible.
  const most = Math.ceil((width + SHIFTS) / (LETTERS / 4));
  const letters = [...text.replaceAll(UNFIT, " ")].slice(0, most);
  const word = letters.join("").replaceAll(/[&<>]/g, (c) => ESCAPES[c]!);
  const line = `${word} `.repeat(Math.ceil(most / (letters.length + 1)));
  const step = LETTERS * LEADING;
  const lines = Array.from(
    { length: Math.ceil(height / step) },
    (_, i) => `<text x="${-(i * 37 % SHIFTS)}" y="${(i + 0.8) * step}">${line}</text>`,
  ).join("");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `font-family="sans-serif" font-size="${LETTERS}" font-weight="bold">${lines}</svg>`;
  const sharp = await loadSharp();
  const { data } = await sharp(new TextEncoder().encode(svg)).ensureAlpha().extractChannel("alpha")
    .raw().toBuffer({ resolveWithObject: true });
  return createImage({
    height,
    width,
    channels: 1,
    data: Float32Array.from(data, (value) => value > 127 ? 1 : 0),
  });
}
