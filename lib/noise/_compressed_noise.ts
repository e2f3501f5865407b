// White noise after JPEG compression, estimated with the quantisation tables of the file.
import { createImage, type Image, type JpegQuantization } from "../image/mod.ts";
import { derive, random } from "../random/mod.ts";
import { basis, type Blocks, blocksOf, SIDE, SIZE } from "./_blocks.ts";
import { binsOf, type Quiet, quietest } from "./_quiet.ts";
import { autocorrelationOf, normalise, RING_SIZES, ringMeans } from "./_shape.ts";
import { madePositive } from "./_spectrum.ts";
import type { NoiseModel } from "./model.ts";

/** White noise that was compressed with its picture. */
export interface CompressedNoise {
  readonly model: NoiseModel;
  /** How free of texture the quietest blocks are, at each luminance, from 0 to 1. */
  readonly trust: readonly number[];
}

/** The side of the square of simulated noise that is compressed. */
const SIMULATED = 128;

/** The range of levels, of 255, and the steps of the bisection. Higher levels would be clipped on middle grey. */
const LOWEST = 1, HIGHEST = 42, STEPS = 8;

/** The level is this quantile of the rings' ratios, because texture adds power, mostly at low frequencies. */
const QUANTILE = 0.15;

/** If all rings keep more than this fraction of the strongest ring's power, the noise is still white. */
const CHANGED = 0.7;

/** Rings with less power than this, of 255², contain mostly rounding errors. */
const WEAK = 1;

/**
 * The test for white noise compares the ratio of measured to expected power in the rings from `HIGH` with that in the
 * rings `BELOW`. The first must be at least `ENOUGH` times the second. It was 0.6 and more for white noise, and at most
 * 0.45 for noise that was interpolated by a colour filter. Rings from `HIGH` with less power than `CLEAR`, of 255²,
 * are not compared.
 */
const HIGH = 11, BELOW = [6, 10] as const, ENOUGH = 0.55, CLEAR = 10;

/** The lowest ring used for measuring trust. */
const TRUSTED = 2;

/** The least ratio of measured to expected power in both colours together. Noise of luminance alone has none there. */
const ENOUGH_COLOUR = 0.5;

/**
 * Estimates white noise that was compressed together with the picture, if the quietest blocks have such noise. Coarse
 * quantisation removes noise from high frequencies and from colour, so that the noise left is weaker and coloured.
 * Simulated noise is compressed with the tables of the file and measured in the same way as the picture; its level is
 * found by bisection.
 *
 * @param quiet The picture's quietest blocks, at each luminance.
 * @param quantization The compression of the picture.
 * @returns The noise after compression, of one level at every luminance; undefined if the noise was not white before
 * compression, or is white after it.
 */
export function compressedWhiteNoise(
  quiet: readonly Quiet[],
  quantization: JpegQuantization,
): CompressedNoise | undefined {
  const channels = quiet[0]!.power.length as Image["channels"];
  const measured = ringsOf(quiet);
  const at = (sigma: number) => {
    const blocks = blocksOf(compressed(sigma, quantization, channels), 255, false);
    const power = powerOf(blocks), [bin] = binsOf(blocks, 1);
    return { blocks, power, rings: ringsOf([quietest(blocks, bin!, power)]) };
  };
  const ratioTo = (rings: readonly Float64Array[]) => quantileOfRatios(measured[0]!, rings[0]!);
  let least = LOWEST, most = HIGHEST;
  for (let i = 0; i < STEPS; i++) {
    const middle = Math.sqrt(least * most);
    if (ratioTo(at(middle).rings) > 1) least = middle;
    else most = middle;
  }
  const { blocks, power, rings } = at(Math.sqrt(least * most));
  const isChanged = power.some((own) => {
    const means = ringMeans(own).subarray(1);
    return Math.min(...means) < CHANGED * Math.max(...means);
  });
  const share = (
    channels: readonly number[],
    [from, to]: readonly [number, number],
    least: number,
  ): number | undefined => {
    let expected = 0, found = 0;
    for (const c of channels) {
      for (let r = from; r < Math.min(to, RING_SIZES.length); r++) {
        if (rings[c]![r]! < least) continue;
        expected += RING_SIZES[r]! * rings[c]![r]!;
        found += RING_SIZES[r]! * measured[c]![r]!;
      }
    }
    return expected ? found / expected : undefined;
  };
  const [high, below] = [share([0], [HIGH, Infinity], CLEAR), share([0], BELOW, WEAK)];
  const colour = channels === 1 ? undefined : share([1, 2], [1, Infinity], WEAK);
  const isWhite = (high ?? Infinity) >= ENOUGH * (below ?? 0) &&
    (colour ?? Infinity) > ENOUGH_COLOUR;
  if (!(isChanged && isWhite && least > LOWEST && most < HIGHEST)) return undefined;
  const expected = aboveLowest(rings[0]!);
  return {
    model: modelOf(power, correlationOf(blocks)),
    trust: quiet.map(({ power, evenness }) =>
      Math.min(expected / aboveLowest(ringMeans(power[0]!)), 1) ** 2 * evenness
    ),
  };
}

/** The power above the lowest frequencies, where texture is everywhere. */
const aboveLowest = (rings: Float64Array): number =>
  rings.reduce((sum, value, r) => r >= TRUSTED ? sum + RING_SIZES[r]! * value : sum, 0);

/** A model of one level at every luminance, from powers of 255². */
const modelOf = (
  power: readonly Float64Array[],
  correlation: NoiseModel["correlation"],
): NoiseModel => ({
  channels: power.length as NoiseModel["channels"],
  luminance: [0.5],
  variance: power.map((own) => [own.reduce((a, b) => a + b) / SIZE / 255 ** 2]),
  autocorrelation: power.map((own) => {
    const shape = own.slice();
    normalise(shape);
    return madePositive(autocorrelationOf(shape));
  }),
  correlation,
});

/** The mean power on each ring of quiet blocks, weighted by their evenness, `[channels][rings]`. */
function ringsOf(quiet: readonly Quiet[]): Float64Array[] {
  const weights = quiet.map(({ evenness }) => evenness ** 2 + 1e-4);
  const total = weights.reduce((a, b) => a + b);
  return quiet[0]!.power.map((_, c) => {
    const mean = new Float64Array(SIZE);
    quiet.forEach(({ power }, b) =>
      mean.forEach((_, k) => mean[k]! += weights[b]! * power[c]![k]! / total)
    );
    return ringMeans(mean);
  });
}

/** A quantile of the rings' ratios of measured to expected power, weighted by expected power. */
function quantileOfRatios(measured: Float64Array, expected: Float64Array): number {
  const rings = Array.from(expected, (value, r) => ({
    ratio: measured[r]! / Math.max(value, 1e-12),
    weight: r === 0 || value < WEAK ? 0 : RING_SIZES[r]! * Math.sqrt(value),
  })).sort((a, b) => a.ratio - b.ratio);
  const total = rings.reduce((sum, { weight }) => sum + weight, 0);
  let sum = 0;
  return rings.find(({ weight }) => (sum += weight) >= QUANTILE * total)!.ratio;
}

function powerOf({ count, channels, coefficients }: Blocks): Float64Array[] {
  const power = Array.from({ length: channels }, () => new Float64Array(SIZE));
  coefficients.forEach((value, i) => {
    power[Math.floor(i / SIZE) % channels]![i % SIZE]! += value ** 2 / count;
  });
  // The coefficient of frequency zero contains the grey level, so the noise's power is taken from its neighbours.
  for (const own of power) own[0] = Math.sqrt(own[1]! * own[SIDE]!);
  return power;
}

function correlationOf({ count, channels, coefficients }: Blocks): number[][] {
  const channel = Array.from({ length: channels }, (_, c) => c);
  const products = channel.map((c) =>
    channel.map((d) => {
      let sum = 0;
      for (let n = 0; n < count; n++) {
        const [a, b] = [c, d].map((e) => (n * channels + e) * SIZE) as [number, number];
        for (let k = 1; k < SIZE; k++) sum += coefficients[a + k]! * coefficients[b + k]!;
      }
      return sum;
    })
  );
  return products.map((row, c) =>
    row.map((value, d) => c === d ? 1 : value / Math.sqrt(row[c]! * products[d]![d]!))
  );
}

/** Rows of RGB to Y, Cb, Cr without the offsets (ITU-T T.871), and back. */
const TO_YCBCR = [
  [0.299, 0.587, 0.114],
  [-0.168736, -0.331264, 0.5],
  [0.5, -0.418688, -0.081312],
] as const;
const TO_RGB = [[1, 0, 1.402], [1, -0.344136, -0.714136], [1, 1.772, 0]] as const;

/** White noise of a standard deviation, of 255, on middle grey, after compression. */
function compressed(
  sigma: number,
  { luminance, chrominance, subsampling }: JpegQuantization,
  channels: Image["channels"],
): Image {
  const side = SIMULATED, pixels = side * side;
  const grey = createImage({ height: side, width: side, channels });
  const noise = new Float32Array(pixels * channels);
  random(derive(0, "compressed noise")).fillNormal(noise, sigma);
  const planes = channels === 1
    ? [Float64Array.from(noise)]
    : TO_YCBCR.map(([r, g, b]) =>
      Float64Array.from(
        { length: pixels },
        (_, i) => r * noise[3 * i]! + g * noise[3 * i + 1]! + b * noise[3 * i + 2]!,
      )
    );
  planes.forEach((plane, c) => {
    if (c === 0) return quantise(plane, side, side, luminance);
    const [down, across] = subsampling;
    const small = shrunk(plane, side, down, across);
    quantise(small, side / down, side / across, chrominance);
    enlarge(small, plane, side, down, across);
  });
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < channels; c++) {
      const value = channels === 1
        ? planes[0]![i]!
        : TO_RGB[c]!.reduce<number>((sum, weight, p) => sum + weight * planes[p]![i]!, 0);
      grey.data[i * channels + c] = Math.min(Math.max(Math.round(value + 128), 0), 255) / 255;
    }
  }
  return grey;
}

/** Means of `down` x `across` samples. */
function shrunk(plane: Float64Array, side: number, down: number, across: number): Float64Array {
  const columns = side / across, small = new Float64Array(side / down * columns);
  plane.forEach((value, i) => {
    const y = Math.floor(Math.floor(i / side) / down), x = Math.floor(i % side / across);
    small[y * columns + x]! += value / (down * across);
  });
  return small;
}

/** Linear interpolation between the centres of samples, as decoders do it. */
function enlarge(
  small: Float64Array,
  plane: Float64Array,
  side: number,
  down: number,
  across: number,
): void {
  const rows = side / down, columns = side / across;
  const place = (i: number, factor: number, count: number) => {
    const at = Math.min(Math.max((i + 0.5) / factor - 0.5, 0), count - 1), first = Math.floor(at);
    return [first, Math.min(first + 1, count - 1), at - first] as const;
  };
  for (let y = 0; y < side; y++) {
    const [above, below, part] = place(y, down, rows);
    for (let x = 0; x < side; x++) {
      const [left, right, share] = place(x, across, columns);
      const along = (row: number) =>
        (1 - share) * small[row * columns + left]! + share * small[row * columns + right]!;
      plane[y * side + x] = (1 - part) * along(above) + part * along(below);
    }
  }
}

/** The cosine basis of a block, `[frequency][sample]`. */
const BASIS = Float64Array.from({ length: SIZE }, (_, i) => basis(i >> 3, i & 7));

/** Rounds the cosine coefficients of every block to whole steps. */
function quantise(
  plane: Float64Array,
  height: number,
  width: number,
  steps: readonly number[],
): void {
  const block = new Float64Array(SIZE), half = new Float64Array(SIZE);
  const transform = (isInverse: boolean) => {
    const at = (k: number, n: number) => isInverse ? BASIS[n * SIDE + k]! : BASIS[k * SIDE + n]!;
    for (let k = 0; k < SIDE; k++) {
      for (let x = 0; x < SIDE; x++) {
        let sum = 0;
        for (let y = 0; y < SIDE; y++) sum += at(k, y) * block[y * SIDE + x]!;
        half[k * SIDE + x] = sum;
      }
    }
    for (let k = 0; k < SIDE; k++) {
      for (let l = 0; l < SIDE; l++) {
        let sum = 0;
        for (let x = 0; x < SIDE; x++) sum += at(l, x) * half[k * SIDE + x]!;
        block[k * SIDE + l] = sum;
      }
    }
  };
  for (let top = 0; top < height; top += SIDE) {
    for (let left = 0; left < width; left += SIDE) {
      const from = (i: number) => (top + (i >> 3)) * width + left + (i & 7);
      for (let i = 0; i < SIZE; i++) block[i] = plane[from(i)]!;
      transform(false);
      for (let k = 0; k < SIZE; k++) block[k] = Math.round(block[k]! / steps[k]!) * steps[k]!;
      transform(true);
      for (let i = 0; i < SIZE; i++) plane[from(i)] = block[i]!;
    }
  }
}
