// Measures an iterate while the next native step runs. Each measure is computed at most once, on first use.
import { type Image, luminance, psnr } from "../image/mod.ts";
import {
  bandCorrespondence,
  type BandTransfer,
  bandTransfer,
  type ErrorDecomposition,
  errorDecomposition,
  fourier,
  paperRings,
  type Spectrum,
  spectrumOf,
} from "../spectrum/mod.ts";
import { blurriness, type Observation, sharpness } from "../stopping/mod.ts";
import type { Iterate } from "./training.ts";

/** An iterate and its measures; each measure is computed on first use. */
export interface MeasuredIterate extends Observation {
  /** The exponential average of the outputs so far. */
  readonly average: Image;
  /** PSNR of the output, in dB; with a reference. */
  readonly psnr: number | undefined;
  /** PSNR of the average, in dB; with a reference. */
  readonly averagePsnr: number | undefined;
  /** Phase-aware gain and coherence of each band of H with the observed picture. */
  readonly transfer: BandTransfer;
  /** The error decomposition of the output, ring by ring; with a reference. */
  readonly account: ErrorDecomposition | undefined;
}

/** The bands of H: the paper's five (Shi et al. 2022, section 3). */
const BANDS = 5;

const once = <T>(compute: () => T): () => T => {
  let value: { of: T } | undefined;
  return () => (value ??= { of: compute() }).of;
};

/**
 * Prepares the measurement of a run.
 *
 * @param initialEstimate The picture before the restoration, with which H compares.
 * @param reference The clean picture, if it is known.
 * @returns A function that makes the measures of an iterate.
 */
export function createMonitor(
  initialEstimate: Image,
  reference: Image | undefined,
): (iteration: number, iterate: Iterate, average: Float32Array) => MeasuredIterate {
  const rings = once(() => paperRings(initialEstimate.height, initialEstimate.width, BANDS));
  const target = once(() => spectrumOf(initialEstimate));
  // One spectrum's memory is reused for all iterates.
  let memory: Spectrum | undefined;
  const accountOf = once(() => reference && errorDecomposition(reference, initialEstimate));
  return (iteration, { output: data, misfit, heldOut }, averaged) => {
    const output: Image = { ...initialEstimate, data },
      average: Image = { ...initialEstimate, data: averaged };
    const grey = once(() => luminance(output));
    const both = once(() => {
      const spectrum = memory = fourier(
        grey().data,
        initialEstimate.height,
        initialEstimate.width,
        memory,
      );
      return {
        bands: bandCorrespondence(spectrum, target(), rings()),
        transfer: bandTransfer(spectrum, target(), rings()),
      };
    });
    const blurred = once(() => blurriness(grey())), sharp = once(() => sharpness(grey()));
    const account = once(() => accountOf()?.(output));
    const psnrs = [output, average].map((image) => once(() => reference && psnr(image, reference)));
    return {
      iteration,
      output,
      average,
      misfit,
      ...heldOut === undefined ? {} : { heldOut },
      get bands() {
        return both().bands;
      },
      get transfer() {
        return both().transfer;
      },
      get blurriness() {
        return blurred();
      },
      get sharpness() {
        return sharp();
      },
      get psnr() {
        return psnrs[0]!();
      },
      get averagePsnr() {
        return psnrs[1]!();
      },
      get account() {
        return account();
      },
    };
  };
}
