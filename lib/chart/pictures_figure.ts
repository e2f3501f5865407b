// Pictures and spectra side by side, for notebooks.
import { encodePng, type Image } from "../image/mod.ts";
import { logPower, type Spectrum, spectrumPicture } from "../spectrum/mod.ts";
import { panels, spectrumPanels } from "./_panels.ts";
import type { Figure } from "./figure.ts";

const urlOf = async (image: Image): Promise<string> =>
  `data:image/png;base64,${(await encodePng(image)).toBase64()}`;

const urlsOf = (pictures: Readonly<Record<string, Image>>) =>
  Promise.all(
    Object.entries(pictures).map(async ([name, image]) => [name, await urlOf(image)] as const),
  );

/**
 * Pictures of one size side by side, with common zoom.
 *
 * @param title The figure's title.
 * @param pictures The pictures by name.
 * @returns The figure.
 * @throws {RangeError} If there is no picture.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const black = createImage({ height: 8, width: 8, channels: 1 });
 * const { data } = await picturesFigure("Two", { black, again: black });
 * assert.deepEqual(data.map(({ name }) => name), ["black", "again"]);
 * ```
 */
export async function picturesFigure(
  title: string,
  pictures: Readonly<Record<string, Image>>,
): Promise<Figure> {
  const [first] = Object.values(pictures);
  if (!first) throw new RangeError("`pictures` must have at least one");
  return panels({
    title,
    pictures: await urlsOf(pictures),
    extent: { left: 0, right: first.width, top: 0, bottom: first.height },
    xUnit: "pixels",
    yUnit: "pixels",
    below: 0,
  });
}

/** Options of {@linkcode spectrumFigure}. */
export interface SpectrumFigureOptions {
  /** The values shown black and white: log10 of |F|² / pixels. @default {{ low: -5, high: 3 }} */
  range?: { readonly low: number; readonly high: number };
}

/**
 * Log power spectra of one size side by side with a common grey scale, frequency zero in the middle, in cycles per
 * pixel.
 *
 * @param title The figure's title.
 * @param spectra The spectra by name.
 * @param options The grey scale.
 * @returns The figure.
 * @throws {RangeError} If there is no spectrum.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fourier } from "../spectrum/mod.ts";
 *
 * const wave = fourier(Float64Array.from({ length: 64 }, (_, i) => Math.sin(i)), 8, 8);
 * const { layout } = await spectrumFigure("One", { wave });
 * assert.equal(layout.xaxis?.title?.text, "wave (cycles/pixel)");
 * ```
 */
export async function spectrumFigure(
  title: string,
  spectra: Readonly<Record<string, Spectrum>>,
  { range = { low: -5, high: 3 } }: SpectrumFigureOptions = {},
): Promise<Figure> {
  const [first] = Object.values(spectra);
  if (!first) throw new RangeError("`spectra` must have at least one");
  const pictures = Object.fromEntries(
    Object.entries(spectra).map(([name, spectrum]) => [
      name,
      spectrumPicture(logPower(spectrum), range),
    ]),
  );
  return spectrumPanels({ title, pictures: await urlsOf(pictures), size: first, range, below: 0 });
}
