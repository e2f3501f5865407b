// The noise spectrum of each channel, for all luminances, separated from that of texture.
import { basis, SIDE, SIZE } from "./_blocks.ts";

/** The number of rings of a block's coefficients; a ring is the sum of the two indices. */
export const RINGS = 2 * SIDE - 1;
export const ringOf = (k: number): number => (k >> 3) + (k & 7);

/** The number of coefficients of each ring. */
export const RING_SIZES: readonly number[] = Array.from(
  { length: RINGS },
  (_, r) => Math.min(r + 1, RINGS - r),
);

/** The mean of a spectrum over each ring. */
export function ringMeans(power: ArrayLike<number>): Float64Array {
  const means = new Float64Array(RINGS);
  for (let k = 0; k < SIZE; k++) means[ringOf(k)]! += power[k]! / RING_SIZES[ringOf(k)]!;
  return means;
}

/**
 * Estimates the noise power of a block's mean, which is otherwise the picture's, from its neighbours: the product of
 * the rows' and the columns', as for a separable spectrum, limited to what low-frequency noise has.
 */
export function setMean(power: Float64Array): void {
  const along = power[1]!, down = power[SIDE]!, both = power[SIDE + 1]!;
  const most = Math.max(along, down);
  power[0] = Math.min(Math.max(along * down / Math.max(both, 1e-12), most), 2.5 * most);
}

/** The highest ring that is limited by the rings above it, in luminance and in colour. */
const FIRST_CAPPED = { luminance: 8, colour: 3 };

/** The allowed increase of a spectrum's slope, in the logarithm of power per ring. */
const SLACK = { luminance: 0.04, colour: 0.15 };

/** The largest increase of colour noise from a ring to the next lower one (real photographs: 1.7). */
const STEEPEST = 1.8;

/** The least part of a ring's power that remains after subtracting rounding. */
const LEAST_LEFT = 0.1;

/** If a picture may be texture everywhere, the part of the slope above that counts. */
const DOUBTFUL = 0.4;

/**
 * The largest rise of a noise spectrum's logarithm from ring 2 to ring 1, and the largest ratio of its rise from ring 3
 * to ring 1 to that from ring 5 to ring 3.
 */
const LEVEL = 0.9, FLATTER = 0.8;

/** Whether the logarithm of a spectrum is so flat at low frequencies that it is not texture. */
export function levelsOff(power: ArrayLike<number>): boolean {
  const log = ringMeans(power).map((value) => Math.log(Math.max(value, 1e-9)));
  return log[1]! - log[2]! < LEVEL && log[1]! - log[3]! < FLATTER * (log[3]! - log[5]!);
}

/**
 * Removes texture from a spectrum. The power of texture falls with frequency like a power law, which is steepest at
 * low frequencies. Noise smoothed by a camera, a filter or an enlargement is flat there and steepest at high ones, so
 * that its logarithm is concave. From high rings to low ones the slope must therefore not increase.
 *
 * @param power The spectrum, `[8, 8]`; it is changed.
 * @param isLuminance Whether it is that of luminance, or of a grey picture.
 * @param trust The certainty that there are places without texture, in [0, 1].
 * @param rounding The power of rounding to whole levels in the spectrum.
 */
export function capTexture(
  power: Float64Array,
  isLuminance: boolean,
  trust: number,
  rounding: number,
): void {
  // The white noise of rounding would hide that low-frequency noise becomes ever steeper.
  const before = ringMeans(power)
    .map((value) => Math.log(Math.max(value - rounding, LEAST_LEFT * value, 1e-9)));
  const log = before.slice();
  if (isLuminance && levelsOff(power)) return;
  const believed = DOUBTFUL + (1 - DOUBTFUL) * trust;
  for (let r = isLuminance ? FIRST_CAPPED.luminance : FIRST_CAPPED.colour; r >= 0; r--) {
    const two = (log[r + 1]! - log[r + 3]!) / 2;
    const rise = isLuminance
      // The slope of a Gaussian filter is proportional to the frequency.
      ? believed * (Math.max(two, 0) * Math.min(1, 1.08 * (r + 1.5) / (r + 2.5)) + SLACK.luminance)
      : Math.min(Math.max(log[r + 1]! - log[r + 2]!, two, 0) + SLACK.colour, STEEPEST);
    log[r] = Math.min(log[r]!, log[r + 1]! + rise);
  }
  for (let k = 0; k < SIZE; k++) power[k]! *= Math.exp(log[ringOf(k)]! - before[ringOf(k)]!);
}

/** Divides a spectrum by its mean. */
export function normalise(power: Float64Array): void {
  const mean = power.reduce((sum, value) => sum + value, 0) / SIZE;
  for (let k = 0; k < SIZE; k++) power[k]! = mean > 0 ? power[k]! / mean : 1;
}

/** The rings whose means are compared to find flat spectra, and the largest ratio. */
const LOW = [3, 5] as const, HIGH = 8, FLAT = 1.6;

/** Whether a spectrum is that of white noise. */
export function isFlat(power: Float64Array): boolean {
  let low = 0, lows = 0, high = 0, highs = 0;
  for (let k = 0; k < SIZE; k++) {
    const r = ringOf(k);
    if (r >= LOW[0] && r <= LOW[1]) low += power[k]!, lows++;
    if (r >= HIGH) high += power[k]!, highs++;
  }
  return low / lows < FLAT * high / highs;
}

/** The products of two values of a basis function at a distance, averaged over a block. */
const PRODUCTS = Array.from({ length: SIDE }, (_, k) =>
  Array.from({ length: SIDE }, (_, lag) => {
    let sum = 0;
    for (let n = 0; n + lag < SIDE; n++) sum += basis(k, n) * basis(k, n + lag);
    return sum / (SIDE - lag);
  }));

/** The autocorrelation of noise with a spectrum, over distances from 0 to 7. It may not be positive definite. */
export function autocorrelationOf(power: Float64Array): Float64Array {
  const lags = new Float64Array(SIZE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      // The window avoids ringing by the truncation at the last distance.
      const window = Math.cos(Math.PI * y / (2 * SIDE)) * Math.cos(Math.PI * x / (2 * SIDE));
      let sum = 0;
      for (let k = 0; k < SIZE; k++) {
        sum += power[k]! * PRODUCTS[k >> 3]![y]! * PRODUCTS[k & 7]![x]!;
      }
      lags[y * SIDE + x] = sum * window;
    }
  }
  return lags;
}
