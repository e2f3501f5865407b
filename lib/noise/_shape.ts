// The spectrum that the noise of each channel has at every luminance, told apart from texture's.
import { basis, SIDE, SIZE } from "./_blocks.ts";

/** The rings of a block's coefficients: the sum of the two indices. */
export const RINGS = 2 * SIDE - 1;
export const ringOf = (k: number): number => (k >> 3) + (k & 7);

/** How many coefficients a ring has. */
export const RING_SIZES: readonly number[] = Array.from(
  { length: RINGS },
  (_, r) => Math.min(r + 1, RINGS - r),
);

/** The mean of a spectrum on each ring. */
export function ringMeans(power: ArrayLike<number>): Float64Array {
  const means = new Float64Array(RINGS);
  for (let k = 0; k < SIZE; k++) means[ringOf(k)]! += power[k]! / RING_SIZES[ringOf(k)]!;
  return means;
}

/**
 * The mean of a block is the picture's, so that its power has to be told from its neighbours': the rows' times
 * the columns', as for a spectrum that is a product of the two, kept within what noise of low frequencies has.
 */
export function setMean(power: Float64Array): void {
  const along = power[1]!, down = power[SIDE]!, both = power[SIDE + 1]!;
  const most = Math.max(along, down);
  power[0] = Math.min(Math.max(along * down / Math.max(both, 1e-12), most), 2.5 * most);
}

/** Rings from this one down are held to what those above let expect, in luminance and in colour. */
const FIRST_CAPPED = { luminance: 8, colour: 3 };

/** How much steeper than above a spectrum may become, in the logarithm of power a ring. */
const SLACK = { luminance: 0.04, colour: 0.15 };

/** Noise in colour becomes stronger towards low frequencies by at most this a ring (real photographs: 1.7). */
const STEEPEST = 1.8;

/** What taking rounding away leaves of a ring's power at least. */
const LEAST_LEFT = 0.1;

/** Where a picture may be texture everywhere, the part of the slope above that counts. */
const DOUBTFUL = 0.4;

/** The steepest rise of noise from the second ring to the first, and its part of the rise further out. */
const LEVEL = 0.9, FLATTER = 0.8;

/** Whether a spectrum's logarithm is so much flatter at low frequencies that it is no texture, whatever lies above. */
export function levelsOff(power: ArrayLike<number>): boolean {
  const log = ringMeans(power).map((value) => Math.log(Math.max(value, 1e-9)));
  return log[1]! - log[2]! < LEVEL && log[1]! - log[3]! < FLATTER * (log[3]! - log[5]!);
}

/**
 * Takes texture out of a spectrum. Texture falls off with frequency like a power, steepest at low frequencies;
 * noise that a camera, a filter or an enlargement has smoothed is flat there and steepest at high ones, so that
 * its logarithm is concave. From high rings down to low ones the slope may therefore not grow.
 *
 * @param power The spectrum, `[8, 8]`, to be changed.
 * @param isLuminance Whether it is luminance's, or a grey picture's.
 * @param trust How sure it is that there are places without texture, in [0, 1].
 * @param rounding The power that rounding to whole levels adds to the spectrum.
 */
export function capTexture(
  power: Float64Array,
  isLuminance: boolean,
  trust: number,
  rounding: number,
): void {
  // Rounding's white noise would hide that noise of low frequencies falls off ever more steeply.
  const before = ringMeans(power)
    .map((value) => Math.log(Math.max(value - rounding, LEAST_LEFT * value, 1e-9)));
  const log = before.slice();
  if (isLuminance && levelsOff(power)) return;
  const believed = DOUBTFUL + (1 - DOUBTFUL) * trust;
  for (let r = isLuminance ? FIRST_CAPPED.luminance : FIRST_CAPPED.colour; r >= 0; r--) {
    const two = (log[r + 1]! - log[r + 3]!) / 2;
    const rise = isLuminance
      // A Gaussian filter's slope is proportional to the frequency.
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

/** Rings whose means are compared to see whether a spectrum is flat, and the greatest ratio of the two. */
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

/** The products of two basis functions at samples a distance apart, averaged over the samples of a block. */
const PRODUCTS = Array.from({ length: SIDE }, (_, k) =>
  Array.from({ length: SIDE }, (_, lag) => {
    let sum = 0;
    for (let n = 0; n + lag < SIDE; n++) sum += basis(k, n) * basis(k, n + lag);
    return sum / (SIDE - lag);
  }));

/** The autocorrelation of noise whose blocks have a spectrum, over distances from 0 to 7, not yet made positive. */
export function autocorrelationOf(power: Float64Array): Float64Array {
  const lags = new Float64Array(SIZE);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      // The window keeps a cut-off at the last distance from ringing.
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
