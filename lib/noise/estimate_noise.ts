// Estimates the noise of a picture from the picture alone: its level over luminance, its autocorrelation, and the
// correlation of channels.
import type { Image, JpegQuantization } from "../image/mod.ts";
import { binsOf, type Quiet, quietest } from "./_quiet.ts";
import { type Blocks, blocksOf, SIZE } from "./_blocks.ts";
import { compressedWhiteNoise } from "./_compressed_noise.ts";
import { relativeContrast } from "./contrast.ts";
import { estimateWhiteNoise } from "./estimate_white_noise.ts";
import { smoothLevels } from "./_level_function.ts";
import { type NoiseModel, whiteNoise } from "./model.ts";
import {
  autocorrelationOf,
  capTexture,
  isFlat,
  levelsOff,
  normalise,
  RING_SIZES,
  ringMeans,
  ringOf,
  setMean,
} from "./_shape.ts";
import { madePositive } from "./_spectrum.ts";
import {
  atLeastColour,
  isTexture,
  levelByColour,
  type TextureRemoval,
  textureRemoval,
} from "./_texture.ts";

/** Bins of luminance: at most BINS, each of at least BIN_SIZE blocks. */
const BINS = 8, BIN_SIZE = 400;

/** Rounds of selecting quiet blocks with the current noise estimate, and measuring noise in them. */
const ROUNDS = 4;

/** The side below which a picture has too few blocks to estimate more than a level. */
const SMALL = 32;

/** The least variance, of 255². */
const LEAST = 1e-6;

/** The current estimate of each channel's noise, in units of 255. */
interface Known {
  /** The spectrum at all luminances, `[channels][64]`, of mean 1. */
  shape: Float64Array[];
  /** The variance, `[channels][bins]`. */
  variance: number[][];
  /** The weight of each variance, `[channels][bins]`. */
  trust: number[][];
  /** Whether the spectrum is flat. */
  isFlat: boolean[];
}

/** Options of {@linkcode estimateNoise}. */
export interface EstimateNoiseOptions {
  /** The compression of a JPEG picture with samples in [0, 1], which removes noise. @default {not compressed} */
  quantization?: JpegQuantization | undefined;
}

/**
 * Estimates the noise of a picture from the picture alone: its spectrum, its level over luminance and its correlation
 * of channels.
 *
 * Blocks of 8x8 pixels are transformed by cosines and sorted into bins of luminance. In each bin the noise is
 * measured in the quietest blocks: they are selected by one half of their coefficients and measured in the other, so
 * that the selection does not favour little noise (after Ponomarenko et al. 2007 and The Noise Clinic, IPOL 2015).
 * The spectrum is the mean over all bins, weighted by how free of texture they are, and limited to a possible noise
 * spectrum if even the quietest blocks have texture. Levels are smoothed over luminance. Noise that turns out to be
 * white, of one level at every luminance, is measured by {@linkcode estimateWhiteNoise}.
 *
 * Texture that is everywhere, such as fur or grass, is in part mistaken for noise; noise of periods above 8 pixels is
 * mistaken for the picture. `bench noise` shows the errors of the estimates.
 *
 * @param image The picture, at least 16x16; its samples may have any range. Below 32x32 white noise is assumed.
 * @returns The noise, in units of the picture's samples.
 * @throws {RangeError} If a side is below 16 or a sample is not finite.
 *
 * @example Noise that is stronger in the light
 * ```ts
 * import assert from "node:assert/strict";
 * import { addPoissonNoise } from "../image/mod.ts";
 *
 * const data = Float32Array.from({ length: 256 * 256 }, (_, i) => (40 + i % 256) / 300);
 * const noisy = addPoissonNoise({ height: 256, width: 256, channels: 1, data }, 300, 1);
 * const { luminance, variance: [variance] } = estimateNoise(noisy);
 * // Poisson's variance is the mean over the peak.
 * const [dark, light] = [0, -1].map((i) => 300 * variance!.at(i)! / luminance.at(i)!);
 * assert.ok(Math.abs(dark! - 1) < 0.3 && Math.abs(light! - 1) < 0.3);
 * ```
 */
export function estimateNoise(
  image: Image,
  { quantization }: EstimateNoiseOptions = {},
): NoiseModel {
  const white = estimateWhiteNoise(image);
  const { height, width, channels, data } = image;
  const [low, high] = minAndMax(data);
  if (Math.min(height, width) < SMALL || low === high) return whiteNoise(white, channels);
  const isPicture = low >= 0 && high <= 1;
  const unit = isPicture ? 1 / 255 : (high - low) / 255;
  const blocks = blocksOf(image, 1 / unit, isPicture);
  const bins = binsOf(blocks, Math.min(BINS, Math.max(1, Math.floor(blocks.count / BIN_SIZE))));
  const { known, quiet } = measured(blocks, bins);
  const compressed = isPicture && quantization && compressedWhiteNoise(quiet, quantization);
  const contrast = relativeContrast(data, 255 * unit);
  if (compressed) {
    // The fraction due to texture is estimated in luminance and removed from every channel.
    const { model, trust } = compressed, level = model.variance[0]![0]! / unit ** 2;
    const left = textureRemoval(trust, 1, true, contrast)(level, 0) / level;
    return { ...model, variance: model.variance.map(([variance]) => [left * variance!]) };
  }
  const isWhite = isTexture(known, white / unit, contrast) ||
    (known.isFlat.every(Boolean) && isLevel(known, quiet, white / unit, isPicture));
  const withoutTexture = textureRemoval(known.trust[0]!, channels, isWhite, contrast);
  if (isWhite) {
    return whiteNoise(unit * Math.sqrt(withoutTexture((white / unit) ** 2, 0)), channels);
  }
  return modelOf(known, quiet, unit, withoutTexture);
}

function minAndMax(data: Float32Array): [low: number, high: number] {
  let low = Infinity, high = -Infinity;
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Alternates selection and measurement until they agree. */
function measured(
  blocks: Blocks,
  bins: readonly Uint32Array[],
): { known: Known; quiet: readonly Quiet[] } {
  const { channels } = blocks;
  let known: Known = {
    shape: Array.from({ length: channels }, () => new Float64Array(SIZE).fill(1)),
    variance: Array.from({ length: channels }, () => bins.map(() => 1)),
    trust: Array.from({ length: channels }, () => bins.map(() => 1)),
    isFlat: [],
  };
  let quiet: Quiet[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    quiet = bins.map((bin, b) =>
      quietest(
        blocks,
        bin,
        known.shape.map((shape, c) => shape.map((value) => value * known.variance[c]![b]!)),
      )
    );
    quiet.forEach(({ power }) => power.forEach(setMean));
    known = noiseIn(quiet, known);
  }
  return { known, quiet };
}

/** The lowest ring used for measuring trust: texture is everywhere in lower ones. */
const TRUSTED = 2;

/** The evenness of the quietest blocks from which trust is above 0, and the range over which it rises to 1. */
const EVEN = 0.35, EVEN_RANGE = 0.4;

/** The fraction of the rings, by weight, that measure less than the level. */
const QUANTILE = 0.35;

/**
 * Factors on the level by that quantile. They compensate for a quantile below the median, and for noise that is
 * weakest in quiet parts, as after JPEG compression and in cameras: levels of real photographs were 8 to 19 % too
 * low. If even the quietest blocks differ much, they contain texture: levels of pictures with weak noise were a fifth
 * too high in the middle.
 */
const MAKES_UP = { even: 1.2, uneven: 0.72, from: 0.55, to: 0.85 };

/** The first ring for measuring a flat spectrum, by its median. */
const FLAT_FROM = 6;

/** The variance of rounding to whole levels. */
const ROUNDING = 1 / 12;

/** Updates the noise estimate from quiet blocks. */
function noiseIn(quiet: readonly Quiet[], known: Known): Known {
  const channels = known.shape.length;
  const above = (power: Float64Array) => {
    let sum = 0;
    for (let k = 0; k < SIZE; k++) if (ringOf(k) >= TRUSTED) sum += power[k]!;
    return sum;
  };
  const believed = (shape: Float64Array, variance: number, power: Float64Array) =>
    Math.min(variance * above(shape) / Math.max(above(power), 1e-12), 1) ** 2 + 1e-4;
  const evenness = quiet.map(({ evenness }) => evenness).sort((a, b) => b - a)
    .slice(0, Math.max(1, Math.floor((quiet.length + 2) / 3)));
  const even = evenness.reduce((sum, value) => sum + value) / evenness.length;
  const trust = Math.min(Math.max((even - EVEN) / EVEN_RANGE, 0), 1);

  const shapes = known.shape.map((_, c) => {
    const shape = new Float64Array(SIZE);
    for (const { power, evenness } of quiet) {
      const left = power[c]!.slice();
      capTexture(left, c === 0, trust, ROUNDING);
      const mean = left.reduce((sum, value) => sum + value) / SIZE;
      const weight = (above(left) / Math.max(above(power[c]!), 1e-12)) ** 2 * evenness + 1e-4;
      for (let k = 0; k < SIZE; k++) shape[k]! += weight * left[k]! / Math.max(mean, 1e-12);
    }
    capTexture(shape, c === 0, trust, 0);
    normalise(shape);
    return shape;
  });
  const isSure = 2 * quiet.filter(({ power }) => levelsOff(power[0]!)).length > quiet.length;
  const part = isSure
    ? 1
    : Math.min(Math.max((even - MAKES_UP.from) / (MAKES_UP.to - MAKES_UP.from), 0), 1);
  const makesUp = MAKES_UP.uneven + part * (MAKES_UP.even - MAKES_UP.uneven);
  const flat = shapes.map(isFlat);
  shapes.forEach((shape, c) => flat[c] && shape.fill(1));
  const levels = shapes.map((shape, c) => {
    const means = ringMeans(shape);
    return quiet.map(({ power }) => {
      const ratios = ringMeans(power[c]!).map((value, r) => value / Math.max(means[r]!, 1e-12));
      const weights = Array.from(
        means,
        (mean, r) =>
          flat[c]
            ? r >= FLAT_FROM ? RING_SIZES[r]! : 0
            : r > 0
            ? RING_SIZES[r]! * mean ** (c === 0 ? 0.5 : 1)
            : 0,
      );
      const level = flat[c]
        ? weightedQuantile(ratios, weights, 0.5)
        : weightedQuantile(ratios, weights, QUANTILE) * makesUp;
      return Math.max(level, LEAST);
    });
  });
  if (channels === 3 && flat[1] && flat[2]) levelByColour(shapes, levels, flat, quiet);
  else if (channels === 3) atLeastColour(shapes, levels, flat);
  const trusts = shapes.map((shape, c) =>
    quiet.map(({ power, evenness }, b) =>
      believed(shape, levels[c]![b]!, power[c]!) * evenness + 1e-4
    )
  );
  const luminances = quiet.map(({ luminance }) => luminance);
  const variance = levels.map((level, c) =>
    smoothLevels(level, luminances, trusts[c]!).map((value) => Math.max(value, LEAST))
  );
  return { shape: shapes, variance, trust: trusts, isFlat: flat };
}

/** The value below which a fraction of the weight lies. */
function weightedQuantile(
  values: Float64Array,
  weights: readonly number[],
  part: number,
): number {
  const order = Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const total = weights.reduce((sum, weight) => sum + weight);
  let sum = 0;
  return values[order.find((i) => (sum += weights[i]!) >= part * total)!]!;
}

/**
 * How far the variance at a luminance may lie from the common level, in the logarithm, and the trust from which a
 * deviation counts: higher if it lies above, because texture may be the cause.
 */
const OFF = 0.4, BELOW = 0.4, ABOVE = 0.7;

/** Within this number of standard deviations from an end of the range, clipping reduces the noise. */
const CLIPPED = 2.5;

/** Whether noise has one level at every luminance, as far as levels are trusted. */
function isLevel(
  { variance, trust }: Known,
  quiet: readonly Quiet[],
  sigma: number,
  isPicture: boolean,
): boolean {
  return variance.every((values, c) =>
    values.every((value, b) => {
      const { luminance } = quiet[b]!, off = Math.log(value / sigma ** 2);
      if (isPicture && Math.min(luminance, 255 - luminance) < CLIPPED * sigma) return true;
      return Math.abs(off) < OFF || trust[c]![b]! < (off < 0 ? BELOW : ABOVE);
    })
  );
}

/** Luminances closer than this, of 255, are merged. */
const APART = 0.25;

/** The model in units of the picture; texture is subtracted from the variances. */
function modelOf(
  { shape, variance, isFlat }: Known,
  quiet: readonly Quiet[],
  unit: number,
  withoutTexture: TextureRemoval,
): NoiseModel {
  const channels = shape.length as NoiseModel["channels"];
  const kept = quiet.map((_, b) => b).filter((b) =>
    b === 0 || quiet[b]!.luminance - quiet[b - 1]!.luminance > APART
  );
  const products = shape.map((_, c) =>
    shape.map((_, d) =>
      quiet.reduce((sum, { products }, b) => sum + products[c]![d]! / variance[0]![b]!, 0)
    )
  );
  const most = 0.98;
  return {
    channels,
    luminance: kept.map((b) => quiet[b]!.luminance * unit),
    variance: variance.map((values, c) =>
      kept.map((b) => withoutTexture(values[b]!, c) * unit ** 2)
    ),
    autocorrelation: shape.map((power, c) =>
      isFlat[c] ? [1] : madePositive(autocorrelationOf(power))
    ),
    correlation: products.map((row, c) =>
      row.map((value, d) => {
        if (c === d) return 1;
        const both = Math.sqrt(row[c]! * products[d]![d]!);
        return both > 0 ? Math.min(Math.max(value / both, -most), most) : 0;
      })
    ),
  };
}
