// The spectrum of a picture's luminance, or of each channel, with or without a window.
import { type Image, luminance } from "../image/mod.ts";
import { fourier, type Spectrum } from "./fourier.ts";

/** Options for {@linkcode spectrumOf} and {@linkcode spectraOf}. */
export interface SpectrumOptions {
  /**
   * How the picture is faded to its mean towards its edges. The DFT treats a picture as periodic, so the steps
   * between opposite edges spread over all frequencies. `"tukey"` fades over an eighth of the side at either end, as
   * is usual for Fourier ring correlation (Nieuwenhuizen et al. 2013); `"hann"` over the whole picture.
   *
   * @default {"none"}
   */
  window?: SpectrumWindow;
}

/**
 * The spectrum of a picture's luminance (see {@linkcode luminance}). `alpha` is ignored.
 *
 * @param image The picture.
 * @param options The window.
 * @returns The half spectrum.
 *
 * @example The first coefficient is the sum
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.of(0, 0.25, 0.5, 0.25);
 * const { real } = spectrumOf({ height: 2, width: 2, channels: 1, data });
 * assert.equal(real[0], 1);
 * ```
 */
export function spectrumOf(image: Image, options?: SpectrumOptions): Spectrum {
  const { window = "none" } = options ?? {};
  const { height, width } = image;
  return fourier(windowed(luminance(image).data, height, width, window), height, width);
}

/**
 * The spectrum of each channel of a picture. Samples outside [0, 1] are not clipped.
 *
 * @param image The picture.
 * @param options The window.
 * @returns A half spectrum for each channel.
 *
 * @example Red, green and blue
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.of(0, 0.25, 0.5, 1, 0.75, 0.5);
 * const spectra = spectraOf({ height: 1, width: 2, channels: 3, data });
 * assert.deepEqual(spectra.map(({ real }) => [...real]), [[1, -1], [1, -0.5], [1, 0]]);
 * ```
 */
export function spectraOf(image: Image, options?: SpectrumOptions): Spectrum[] {
  const { window = "none" } = options ?? {};
  const { height, width, channels, data } = image;
  return Array.from({ length: channels }, (_, c) => {
    const plane = new Float64Array(height * width);
    for (let i = 0; i < plane.length; i++) plane[i] = data[i * channels + c]!;
    return fourier(windowed(plane, height, width, window), height, width);
  });
}

/** The part of a side, at either end, over which a window falls from 1 to 0. */
const TAPER = { tukey: 1 / 8, hann: 1 / 2 };

/** How a picture is faded out towards its edges; see {@linkcode SpectrumOptions}. */
export type SpectrumWindow = "none" | keyof typeof TAPER;

/** The plane faded to its mean, so that opposite edges have no step between them. */
function windowed(
  plane: ArrayLike<number>,
  height: number,
  width: number,
  window: SpectrumWindow,
): ArrayLike<number> {
  if (window === "none") return plane;
  const taper = TAPER[window];
  const rows = weights(height, taper), columns = weights(width, taper);
  let mean = 0;
  for (let i = 0; i < plane.length; i++) mean += plane[i]! / plane.length;
  return Float64Array.from(
    plane,
    (value, i) => mean + rows[Math.floor(i / width)]! * columns[i % width]! * (value - mean),
  );
}

/**
 * The fraction of white noise's power after a window: the mean of its squared weights.
 *
 * @param height The picture's rows.
 * @param width Its columns.
 * @param window The window.
 * @returns The fraction, 1 without a window.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(windowPower(64, 64, "none"), 1);
 * // The mean of sin^4 along each side is 3/8.
 * assert.ok(Math.abs(windowPower(64, 64, "hann") - (3 / 8) ** 2) < 1e-12);
 * ```
 */
export function windowPower(height: number, width: number, window: SpectrumWindow): number {
  if (window === "none") return 1;
  return [height, width].reduce((part, side) => {
    const own = weights(side, TAPER[window]);
    return part * own.reduce((sum, weight) => sum + weight ** 2, 0) / side;
  }, 1);
}

/** A raised cosine over `taper` of the side at either end, sampled at the pixels' centres. */
function weights(side: number, taper: number): Float64Array {
  return Float64Array.from({ length: side }, (_, i) => {
    const inwards = Math.min(i + 0.5, side - i - 0.5) / side;
    return inwards < taper ? Math.sin(Math.PI / 2 * inwards / taper) ** 2 : 1;
  });
}
