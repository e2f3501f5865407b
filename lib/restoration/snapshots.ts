// Small pictures of a run at some iterations, for the record.
import { encodePng, type Image } from "../image/mod.ts";
import {
  bandCorrespondence,
  isotropicRings,
  logPower,
  type Spectrum,
  spectrumOf,
  spectrumPicture,
} from "../spectrum/mod.ts";
import { roundedJsonNumber, type Snapshots } from "./record.ts";

/** The longer side of a thumbnail. */
const LONGEST = 256;

/** The most rings in which H is recorded. */
const RINGS = 64;

/**
 * The power shown black and white in spectra, log10 of |F|² / pixels: from below the rounding error of 8 bits to the
 * mean of a bright picture. One range makes all spectra comparable.
 */
const RANGE = { low: -6, high: 3 } as const;

/** Stores outputs, and makes their pictures when the run has ended. */
export interface SnapshotTaker {
  take(iteration: number, output: Image): void;
  finish(result: Image): Promise<Snapshots>;
  /** The stored outputs, for a checkpoint. */
  state(): readonly Taken[];
  restoreState(state: readonly Taken[]): void;
}

/** A stored output. */
export interface Taken {
  readonly iteration: number;
  readonly output: Image;
}

const pngUrl = async (image: Image): Promise<string> =>
  `data:image/png;base64,${(await encodePng(image, { longest: LONGEST })).toBase64()}`;

const spectrumUrl = (spectrum: Spectrum): Promise<string> =>
  pngUrl(spectrumPicture(logPower(spectrum), RANGE));

/** The spectrum of the difference of two pictures. */
const difference = (a: Spectrum, b: Spectrum): Spectrum => ({
  ...a,
  real: a.real.map((value, i) => value - b.real[i]!),
  imaginary: a.imaginary.map((value, i) => value - b.imaginary[i]!),
});

/**
 * Makes a store of snapshots.
 *
 * @param observed The picture before the restoration.
 * @param reference The clean picture, if it is known.
 * @returns The store.
 */
export function createSnapshotTaker(observed: Image, reference: Image | undefined): SnapshotTaker {
  const taken: Taken[] = [];
  return {
    take: (iteration, output) => void taken.push({ iteration, output }),
    async finish(result) {
      const { height, width } = observed;
      const target = spectrumOf(observed), clean = reference && spectrumOf(reference);
      const rings = isotropicRings(height, width, Math.min(RINGS, Math.min(height, width) >> 1));
      const steps: Snapshots["steps"] = [];
      for (const { iteration, output } of taken) {
        const spectrum = spectrumOf(output);
        steps.push({
          iteration,
          output: await pngUrl(output),
          spectrum: await spectrumUrl(spectrum),
          ...clean ? { errorSpectrum: await spectrumUrl(difference(spectrum, clean)) } : {},
          correspondence: bandCorrespondence(spectrum, target, rings).map(roundedJsonNumber),
        });
      }
      return {
        observed: await pngUrl(observed),
        ...reference ? { reference: await pngUrl(reference) } : {},
        result: await pngUrl(result),
        observedSpectrum: await spectrumUrl(target),
        ...clean ? { referenceSpectrum: await spectrumUrl(clean) } : {},
        spectrumRange: RANGE,
        frequencies: [...rings.frequencies],
        steps,
      };
    },
    state: () => taken,
    restoreState: (state) => void taken.push(...state),
  };
}
