// The spectra of a picture's channels.
import { fourier } from "./fourier.ts";
import type { Image } from "../image/mod.ts";
import type { Spectrum } from "./spectrum.ts";
import type { SpectrumOptions } from "./spectrum_of.ts";
import { windowed } from "./_window.ts";

/**
 * The spectrum of each channel of a picture. Samples are taken as they are, outside [0, 1] too.
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
