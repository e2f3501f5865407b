// The spectrum of a picture's luminance.
import { fourier } from "./fourier.ts";
import { type Image, luminance } from "../image/mod.ts";
import type { Spectrum } from "./spectrum.ts";
import { type SpectrumWindow, windowed } from "./_window.ts";

export type { SpectrumWindow };

/** Options for {@linkcode spectrumOf} and {@linkcode spectraOf}. */
export interface SpectrumOptions {
  /**
   * How the picture is faded out to its mean towards its edges. A transform takes a picture for
   * one tile of an endless floor, and the steps at the joints spread over all frequencies.
   * `"tukey"` fades over an eighth of the side at either end, as is usual for Fourier ring
   * correlation (Nieuwenhuizen et al. 2013); `"hann"` over the whole picture.
   *
   * @default {"none"}
   */
  window?: SpectrumWindow;
}

/**
 * The spectrum of a picture's luminance, as {@linkcode luminance} has it. `alpha` is left out.
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
