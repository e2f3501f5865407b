// Estimates the noise of a picture from the picture alone: its level over luminance, its autocorrelation, its channels.
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

/** Bins of luminance: at most so many, each of at least so many blocks. */
const BINS = 8, BIN_SIZE = 400;

/** Rounds of selecting quiet blocks by the noise found and measuring noise in them. */
const ROUNDS = 4;

/** Below this side a picture has too few blocks for more than a level. */
const SMALL = 32;

/**
 * Where a grey picture is trusted no more than this at any luminance there is texture everywhere, such as grass, and
 * the level is taken so much lower: weak noise came out 1.3 to 3.3 times too strong. Colours would show the noise.
 */
const DOUBTFUL = 0.4, DOUBTED = 0.75;

/**
 * The standard deviation of the texture in the quietest blocks, of 255 at usual contrast. Its variance is taken off
 * the noise's. `usual` is that of photographs whose blocks are not trusted at all. `fur` is that of the luminance of
 * colour pictures that are trusted nowhere. `everywhere` is that of grey pictures that are trusted nowhere. Without
 * this, noise of 1 came out at up to 1.9, and denoising took more of the picture than of the noise.
 */
const LEFT = { usual: 1.6, fur: 2.5, everywhere: 4.5 };

/** Variances are at least this, of 255². */
const LEAST = 1e-6;

/** What is known of the noise of each channel in the course of the estimate, in units of 255. */
interface Known {
  /** The spectrum at every luminance, `[channels][64]`, of mean 1. */
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
  /** How the picture was compressed, if it is a JPEG file's, of usual range: coarse steps cannot hold weak noise. */
  quantization?: JpegQuantization | undefined;
}

/**
 * The noise in a picture, estimated from the picture alone: of any spectrum, strength over luminance and
 * correlation of channels.
 *
 * Blocks of 8x8 pixels are transformed by cosines and put into bins of luminance. In each bin the quietest
 * blocks show the noise: they are chosen by one half of their coefficients and measured in the other, so that
 * the choice does not favour little noise (after Ponomarenko et al. 2007 and The Noise Clinic, IPOL 2015). The
 * spectrum is that of all bins, weighted by how free of texture they are, and held to what noise can have
 * where the quietest blocks have texture too; levels are smoothed over luminance. Noise found to be white, of
 * one level at every luminance, is measured by {@linkcode estimateWhiteNoise}.
 *
 * Texture everywhere, such as fur or grass, is in part taken for noise; noise of very low frequencies, longer
 * than 8 pixels, for the picture. `bench noise` shows how far estimates are off.
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
    // The colours' part of texture is as that of luminance, as in grey pictures.
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

/**
 * What is found where even the quietest blocks have texture (a mean trust in luminance below the first) is texture, if
 * luminance has less than `RATIO` times the deviation of the stronger colour, that is below `WEAK`, of 255 at usual
 * contrast, and the white part is more than `PART` of luminance. Noise that is not white has been through a colour
 * filter or a JPEG file, which leave it weaker in colour, or strong, and hardly any of it white. Of 27 squares of
 * 128x128 with white noise of 2 seven came out 0.1 to 12 dB worse without this, none with it; those with a camera's
 * noise gain the same on average.
 */
const UNTRUSTED = 0.5, RATIO = 3, WEAK = 6, PART = 0.09;

/** Whether what was found is the texture of a colour picture, as that of fur or wood. */
function isTexture(
  { variance: [luminance, ...colours], trust }: Known,
  white: number,
  contrast: number,
): boolean {
  const colour = Math.max(...colours.map(mean));
  return colours.length > 0 && mean(trust[0]!) < UNTRUSTED &&
    mean(luminance!) < RATIO ** 2 * colour && colour < (WEAK * contrast) ** 2 &&
    white ** 2 > PART ** 2 * mean(luminance!);
}

/** From a channel's variance, of 255², to what is left of it without texture. */
type TextureRemoval = (variance: number, channel: number) => number;

/**
 * How the part that texture has is taken off a variance.
 *
 * @param trust The weight of the luminance's variance, from 0 to 1, at each luminance.
 * @param channels The picture's channels.
 * @param isWhite Whether the noise is white, of one level.
 * @param contrast The picture's contrast, in [0, 1].
 * @returns The removal.
 */
function textureRemoval(
  trust: readonly number[],
  channels: number,
  isWhite: boolean,
  contrast: number,
): TextureRemoval {
  const isTrusted = trust.some((value) => value > DOUBTFUL), isColour = channels === 3;
  const usual = (1 - Math.min(mean(trust), 1)) * LEFT.usual ** 2;
  return (variance, channel) => {
    if (!isTrusted && !isColour) {
      return Math.max(DOUBTED ** 2 * variance - (LEFT.everywhere * contrast) ** 2, 0);
    }
    // Fur and leaves are rough in brightness.
    const isFur = !isTrusted && !isWhite && channel === 0;
    return Math.max(variance - (isFur ? LEFT.fur ** 2 : usual) * contrast ** 2, 0);
  };
}

function minAndMax(data: Float32Array): [low: number, high: number] {
  let low = Infinity, high = -Infinity;
  for (const value of data) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value) / values.length;

/** Selects and measures until the two agree. */
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

/** Frequencies by which trust is measured: texture is everywhere at lower ones. */
const TRUSTED = 2;

/** Evenness of the quietest blocks from which a picture has places without texture, and over which it rises to certainty. */
const EVEN = 0.35, EVEN_RANGE = 0.4;

/** The part of the rings, by weight, that measure less than the level. */
const QUANTILE = 0.35;

/**
 * What a level by that quantile is multiplied by. It makes up for a quantile below the median and for noise that is
 * weakest where a picture is quiet, as JPEG compression and cameras make it: real photographs came out 8 to 19 %
 * too low. Where even the quietest blocks differ much, texture is in them: levels of pictures with weak noise came
 * out a fifth too high in the middle.
 */
const MAKES_UP = { even: 1.2, uneven: 0.72, from: 0.55, to: 0.85 };

/** The ring from which a flat spectrum is measured, by its median. */
const FLAT_FROM = 6;

/** The variance that rounding to whole levels adds. */
const ROUNDING = 1 / 12;

/** What quiet blocks say of the noise. */
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

/**
 * Rings whose luminance is compared with colour's, and the greatest ratio of one white noise: more where colour
 * has clearly more than rounding leaves, from a variance of 1 of 255². Luminance may have a little more.
 */
const COMPARED_FROM = 9, ALIKE = 2.2, ALIKE_CLEAR = 6, CLEAR = 1, MORE = 1.05;

/** White noise in both colours is white noise in luminance of the same level, which texture there would hide. */
function levelByColour(
  shapes: Float64Array[],
  levels: number[][],
  flat: boolean[],
  quiet: readonly Quiet[],
): void {
  const colour = levels[1]!.map((value, b) => Math.sqrt(value * levels[2]![b]!));
  const ratios = quiet.map(({ power: [luminance] }, b) => {
    let sum = 0, count = 0;
    for (let k = 0; k < SIZE; k++) if (ringOf(k) >= COMPARED_FROM) sum += luminance![k]!, count++;
    return sum / count / colour[b]!;
  }).sort((a, b) => a - b);
  const clear = colour.toSorted((a, b) => a - b)[colour.length >> 1]! > CLEAR;
  if (ratios[ratios.length >> 1]! > (clear ? ALIKE_CLEAR : ALIKE)) return;
  levels[0] = levels[0]!.map((value, b) => Math.min(value, MORE * colour[b]!));
  shapes[0]!.fill(1);
  flat[0] = true;
}

/** How much less variance luminance may have than either colour. */
const LESS = 1.5;

/**
 * Noise is at least as strong in luminance as in both colours: sensors have it so, and what is done to a picture
 * afterwards weakens colour's. Where texture hides that, luminance takes the weaker colour's noise.
 */
function atLeastColour(shapes: Float64Array[], levels: number[][], flat: boolean[]): void {
  const weaker = mean(levels[1]!) < mean(levels[2]!) ? 1 : 2;
  if (mean(levels[weaker]!) < LESS * mean(levels[0]!)) return;
  levels[0] = [...levels[weaker]!];
  shapes[0]!.set(shapes[weaker]!);
  flat[0] = flat[weaker]!;
}

/** The value below which a part of the weight lies. */
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
 * How far a luminance's variance may lie from the one level, in the logarithm, and the trust from which it has a
 * say: more if it lies above, where texture may be the cause.
 */
const OFF = 0.4, BELOW = 0.4, ABOVE = 0.7;

/** Nearer to an end of the range than so many standard deviations clipping weakens the noise. */
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

/** Luminances nearer than this, of 255, are one. */
const APART = 0.25;

/** The model, in units of the picture; what texture has in the variances is taken off them. */
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
