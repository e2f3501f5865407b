// Autocorrelations and their spectra, on a periodic plane.
import { fourier, inverseFourier, type Spectrum } from "../spectrum/mod.ts";

/**
 * Places an autocorrelation symmetrically on a periodic plane, at the shorter of the two distances along each axis.
 * Distances beyond half the plane are left out.
 */
export function onTorus(
  autocorrelation: ArrayLike<number>,
  height: number,
  width: number,
): Float64Array {
  const lags = Math.sqrt(autocorrelation.length), plane = new Float64Array(height * width);
  for (let y = 0; y < height; y++) {
    const dy = Math.min(y, height - y);
    for (let x = 0; x < width && dy < lags; x++) {
      const dx = Math.min(x, width - x);
      if (dx < lags) plane[y * width + x] = autocorrelation[dy * lags + dx]!;
    }
  }
  return plane;
}

/** The power spectrum of an autocorrelation on a periodic plane, at least `least`, of mean 1. */
export function powerSpectrum(
  autocorrelation: ArrayLike<number>,
  height: number,
  width: number,
  least = 0,
): Spectrum {
  const spectrum = fourier(onTorus(autocorrelation, height, width), height, width);
  let sum = 0;
  for (let i = 0; i < spectrum.real.length; i++) {
    spectrum.real[i] = Math.max(spectrum.real[i]!, least);
    const x = i % spectrum.columns;
    sum += spectrum.real[i]! * (x === 0 || 2 * x === width ? 1 : 2);
  }
  spectrum.imaginary.fill(0);
  const scale = height * width / sum;
  spectrum.real.forEach((value, i) => spectrum.real[i] = value * scale);
  return spectrum;
}

/** The side of the periodic plane on which an autocorrelation is made positive, and the least power. */
const TORUS = 32, LEAST = 0.03;

/**
 * The part of the noise that is at least assumed to be independent from pixel to pixel. It costs at most 0.01 dB on
 * real photographs.
 */
const INDEPENDENT = 0.02;

/** The side of a periodic plane much wider than the autocorrelation's range of 15, and the least power there. */
const WIDE = 128, LEAST_WIDE = 0.005;

/**
 * The closest autocorrelation with a positive spectrum. Without it the Gram matrices of patches would not be positive
 * definite, and NL-Ridge would give no numbers.
 *
 * A spectrum that is positive on the periodic plane need not be positive on the infinite one, where the
 * autocorrelation ends at a distance of 15. Where it is not, as for a texture that is mistaken for noise, a larger part
 * of the noise is assumed to be independent from pixel to pixel.
 *
 * @param lags An autocorrelation over distances from 0 to 7, `[8, 8]`, not normalised.
 * @returns One over distances from 0 to 15, `[16, 16]`, 1 at distance 0.
 */
export function madePositive(lags: ArrayLike<number>): number[] {
  const scaled = Array.from(lags, (value) => value / lags[0]!);
  const plane = inverseFourier(powerSpectrum(scaled, TORUS, TORUS, LEAST));
  const kept = TORUS / 2;
  const rho = Array.from(
    { length: kept * kept },
    (_, i) => plane[Math.floor(i / kept) * TORUS + i % kept]! / plane[0]!,
  );
  const least = Math.min(...fourier(onTorus(rho, WIDE, WIDE), WIDE, WIDE).real);
  const independent = Math.max(INDEPENDENT, (LEAST_WIDE - least) / (1 - least));
  return rho.map((value, i) => i === 0 ? value : (1 - independent) * value);
}
