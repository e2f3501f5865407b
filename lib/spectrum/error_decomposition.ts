// Splits the error of a restoration into missing signal, learned noise and a remainder, by frequency.
import { checkSameSize } from "../check.ts";
import { fourier, type Spectrum } from "./fourier.ts";
import type { Image } from "../image/mod.ts";
import { isotropicRings, NEGLIGIBLE, ringProducts, type Rings } from "./rings.ts";
import { spectraOf } from "./spectrum_of.ts";

/**
 * The mean square error of an output, split by frequency and by cause. The first five are in units of the mean square
 * error, one number for each ring; the four parts add up to `total`.
 */
export interface ErrorDecomposition {
  /** The signal not yet learned, `u^2 sum |X|^2`. */
  readonly signal: number[];
  /** The noise already learned, `v^2 sum |N|^2`. */
  readonly noise: number[];
  /** The interaction of the two, `-2 u v sum X conj N`, of either sign. */
  readonly cross: number[];
  /** The remainder, `sum |R|^2`: structure that was learned unevenly or is wrong. */
  readonly remainder: number[];
  /** The whole error of the ring. */
  readonly total: number[];
  /** The learned fraction of the signal, `1 - u`; 1 where there is no signal. */
  readonly signalGain: number[];
  /** The learned fraction of the noise, `v`; 0 where there is no noise. */
  readonly noiseGain: number[];
}

/** Signal and noise count as collinear if the squared sine of the angle between them is below this. */
const COLLINEAR = 1e-12;

/**
 * Prepares the error decomposition for outputs whose clean picture is known.
 *
 * With `X` the spectrum of the clean picture, `N` that of the observed minus the clean picture, and `E` that of the
 * output minus the clean picture, real least squares over all channels of a ring gives `E = -u X + v N + R`, with `R`
 * orthogonal to both: the fraction `u` of the signal is missing, and the fraction `v` of the noise is learned. By
 * Parseval's theorem the sum of the parts over the rings is the mean square error `mean (output - clean)^2`, the mean
 * of the picture being in the first ring. Rings that leave out coefficients, such as {@linkcode paperRings}, leave
 * out their share of the error.
 *
 * Where signal and noise are collinear they cannot be separated; all is then attributed to the signal.
 *
 * @param clean The clean picture.
 * @param observed The picture that is restored.
 * @param rings The rings.
 * @returns A function from an output to its decomposition; it costs one transform for each channel.
 * @throws {RangeError} If the shapes differ, here or of an output.
 *
 * @example An output with nine tenths of the signal and a third of the noise
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const clean = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i * i));
 * const noise = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i * i * i));
 * const image = (value: (i: number) => number) =>
 *   ({ height: 16, width: 16, channels: 1, data: clean.map((_, i) => value(i)) }) as const;
 *
 * const account = errorDecomposition(image((i) => clean[i]!), image((i) => clean[i]! + noise[i]!));
 * const { signalGain, noiseGain } = account(image((i) => 0.9 * clean[i]! + noise[i]! / 3));
 * for (const gain of signalGain) assert.ok(Math.abs(gain - 0.9) < 1e-5);
 * for (const gain of noiseGain) assert.ok(Math.abs(gain - 1 / 3) < 1e-5);
 * ```
 */
export function errorDecomposition(
  clean: Image,
  observed: Image,
  rings: Rings = isotropicRings(clean.height, clean.width),
): (output: Image) => ErrorDecomposition {
  const { height, width, channels } = clean;
  checkSameSize(clean, { observed });
  checkSameSize({ height, width }, { rings });
  const plane = new Float64Array(height * width);
  /** The spectrum of a channel of `image` minus the clean picture. */
  const difference = (image: Image, c: number, into?: Spectrum) => {
    for (let p = 0, i = c; p < plane.length; p++, i += channels) {
      plane[p] = image.data[i]! - clean.data[i]!;
    }
    return fourier(plane, height, width, into);
  };
  const x = spectraOf(clean), n = x.map((_, c) => difference(observed, c));
  /** The products over each ring, summed over all channels. */
  const products = (a: readonly Spectrum[], b: readonly Spectrum[]) =>
    a.map((spectrum, c) => ringProducts(spectrum, b[c]!, rings))
      .reduce((sums, more) => sums.map((sum, ring) => sum + more[ring]!));

  const xx = products(x, x), nn = products(n, n), xn = products(x, n);
  const silence = NEGLIGIBLE * [...xx, ...nn].reduce((sum, power) => sum + power);
  const grams = xx.map((_, ring): Gram => ({
    xx: xx[ring]! > silence ? xx[ring]! : 0,
    nn: nn[ring]! > silence ? nn[ring]! : 0,
    xn: xn[ring]!,
  }));
  const toMse = 1 / ((height * width) ** 2 * channels);

  const e = x.map(({ real, imaginary, ...size }): Spectrum => ({
    ...size,
    real: new Float64Array(real.length),
    imaginary: new Float64Array(imaginary.length),
  }));
  return (output) => {
    checkSameSize(clean, { output });
    e.forEach((into, c) => difference(output, c, into));
    const ee = products(e, e), ex = products(e, x), en = products(e, n);
    const parts = grams.map((gram, ring) => {
      const { xx, nn, xn } = gram;
      const { u, v } = project(gram, ex[ring]!, en[ring]!);
      const total = ee[ring]! * toMse;
      const signal = u * u * xx * toMse, noise = v * v * nn * toMse;
      const cross = -2 * u * v * xn * toMse;
      const remainder = Math.max(total - signal - noise - cross, 0);
      return { signal, noise, cross, remainder, total, signalGain: 1 - u, noiseGain: v };
    });
    return {
      signal: parts.map(({ signal }) => signal),
      noise: parts.map(({ noise }) => noise),
      cross: parts.map(({ cross }) => cross),
      remainder: parts.map(({ remainder }) => remainder),
      total: parts.map(({ total }) => total),
      signalGain: parts.map(({ signalGain }) => signalGain),
      noiseGain: parts.map(({ noiseGain }) => noiseGain),
    };
  };
}

/** The inner products of a ring's signal and noise, over the whole spectrum. */
interface Gram {
  readonly xx: number;
  readonly nn: number;
  readonly xn: number;
}

/** The least-squares coefficients of `E = -u X + v N`, from the products of `E` with `X` and `N`. */
function project({ xx, nn, xn }: Gram, ex: number, en: number): { u: number; v: number } {
  const determinant = xx * nn - xn * xn;
  if (determinant > COLLINEAR * xx * nn) {
    return { u: (en * xn - ex * nn) / determinant, v: (en * xx - ex * xn) / determinant };
  }
  if (xx > 0) return { u: -ex / xx, v: 0 };
  return { u: 0, v: nn > 0 ? en / nn : 0 };
}
