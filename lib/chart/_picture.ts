// Pictures as traces: nearest pixel, equal scale in both directions.
import type { ImageData } from "plotly.js-dist-min";

/** Where a PNG file's header holds its sides, in bytes (PNG specification, 11.2.2). */
const WIDTH = 16, HEIGHT = 20;

/** The letters of base64 that hold the first 24 bytes. */
const HEADER = 32;

/** The sides of a picture in a PNG data URL. */
export function sidesOf(url: string): { height: number; width: number } {
  const start = url.indexOf(",") + 1;
  const bytes = Uint8Array.fromBase64(url.slice(start, start + HEADER));
  const view = new DataView(bytes.buffer);
  return { height: view.getUint32(HEIGHT), width: view.getUint32(WIDTH) };
}

/** What a picture's corners are on the axes. */
export interface Extent {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * A picture as a trace.
 *
 * @param source A PNG data URL.
 * @param extent Where its corners are.
 * @returns The trace.
 */
export function pictureTrace(
  source: string,
  { left, right, top, bottom }: Extent,
): Partial<ImageData> {
  const { height, width } = sidesOf(source);
  const dx = (right - left) / width, dy = (bottom - top) / height;
  // A trace's origin is the middle of its first pixel.
  return { type: "image", source, dx, dy, x0: left + dx / 2, y0: top + dy / 2, hoverinfo: "skip" };
}
