// White noise after JPEG compression, estimated with the quantisation tables of the file.
import { type Image, JPEG_BLOCK, type JpegQuantization } from "../image/mod.ts";
import { type Blocks, blocksOf, SIDE, SIZE } from "./_blocks.ts";
import { binsOf, type Quiet, quietest } from "./_quiet.ts";
import { autocorrelationOf, normalise, RING_SIZES, ringMeans } from "./_shape.ts";
import { compressedGrey } from "./_simulated_jpeg.ts";
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
  // The simulated picture must have whole blocks of colour.
  if (quantization.subsampling.some((factor) => SIMULATED % (JPEG_BLOCK * factor))) {
    return undefined;
  }
  const measured = ringsOf(quiet);
  const at = (sigma: number) => {
    const blocks = blocksOf(compressedGrey(SIMULATED, sigma, quantization, channels), 255, false);
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
  const isWhite = isWhiteBefore(measured, rings);
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

/** Whether the measured spectra can be those of white noise that was compressed, `rings`. */
function isWhiteBefore(
  measured: readonly Float64Array[],
  rings: readonly Float64Array[],
): boolean {
  /** Measured over expected power, in rings with at least some of it; undefined if there is none. */
  const ratio = (
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
  const high = ratio([0], [HIGH, Infinity], CLEAR) ?? Infinity;
  const colour = rings.length === 3 ? ratio([1, 2], [1, Infinity], WEAK) ?? Infinity : Infinity;
  return high >= ENOUGH * (ratio([0], BELOW, WEAK) ?? 0) && colour > ENOUGH_COLOUR;
}

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
