// An exact account of where a restoration's error comes from.
import { checkSameSize } from "../check.ts";
import { fourier, type Spectrum } from "./fourier.ts";
import type { Image } from "../image/mod.ts";
import { isotropicRings, NEGLIGIBLE, ringProducts, type Rings } from "./rings.ts";
import { spectraOf } from "./spectrum_of.ts";

/**
 * The mean square error of an output, told apart by frequency and by cause. The first five are in
 * units of the mean square error, one number for each ring; the four parts add up to `total`.
 */
export interface ErrorDecomposition {
  /** The signal not yet learned, `u^2 sum |X|^2`. */
  readonly signal: number[];
  /** The noise already learned, `v^2 sum |N|^2`. */
  readonly noise: number[];
  /** What the two have in common, `-2 u v sum X conj N`, of either sign. */
  readonly cross: number[];
  /** What is neither, `sum |R|^2`: structure that was learned unevenly or made up. */
  readonly remainder: number[];
  /** The whole error of the ring. */
  readonly total: number[];
  /** How much of the signal is there, `1 - u`; 1 where there is none to learn. */
  readonly signalGain: number[];
  /** How much of the noise is there, `v`; 0 where there is none. */
  readonly noiseGain: number[];
}

/** Signal and noise count as one direction when the squared sine between them is below this. */
const COLLINEAR = 1e-12;

/**
 * Prepares the account of the errors of outputs whose clean picture is known.
 *
 * With `X` the spectrum of the clean picture, `N` that of what was observed less the clean one, and
 * `E` that of the output less the clean one, real least squares over all channels of a ring gives
 * `E = -u X + v N + R`, with `R` orthogonal to both: `u` of the signal is missing, `v` of the noise
 * is there. By Parseval's theorem the parts, summed over the rings, are the mean square error
 * `mean (output - clean)^2`, the mean of the picture being in the first ring. Rings that leave out
 * coefficients, such as {@linkcode paperRings}, leave out their share of the error.
 *
 * Where signal and noise are one direction, nothing tells them apart and the signal takes all.
 *
 * @param clean The clean picture.
 * @param observed The picture that is restored.
 * @param rings The rings.
 * @returns A function from an output to its account; it costs one transform for each channel.
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
  /** The spectrum of a channel of `image` less the clean picture's. */
  const difference = (image: Image, c: number, into?: Spectrum) => {
    for (let p = 0, i = c; p < plane.length; p++, i += channels) {
      plane[p] = image.data[i]! - clean.data[i]!;
    }
    return fourier(plane, height, width, into);
  };
  const x = spectraOf(clean), n = x.map((_, c) => difference(observed, c));
  /** The products over each ring, of all channels together. */
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

/** `E = -u X + v N` at its nearest, from the products of `E` with `X` and `N`. */
function project({ xx, nn, xn }: Gram, ex: number, en: number): { u: number; v: number } {
  const determinant = xx * nn - xn * xn;
  if (determinant > COLLINEAR * xx * nn) {
    return { u: (en * xn - ex * nn) / determinant, v: (en * xx - ex * xn) / determinant };
  }
  if (xx > 0) return { u: -ex / xx, v: 0 };
  return { u: 0, v: nn > 0 ? en / nn : 0 };
}
