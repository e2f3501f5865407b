// Deblocking of JPEG pictures: each cosine coefficient is known up to half a quantisation step.
import { checkRange } from "../check.ts";
import { tf } from "../engine/mod.ts";
import {
  type Image,
  JPEG_BLOCK,
  jpegBasis,
  type JpegQuantization,
  RGB_TO_YCBCR,
} from "../image/mod.ts";
import { cropImage } from "./_crop.ts";
import { weightedMean } from "./data_terms.ts";
import type { Degradation } from "./degradation.ts";
import { correlated } from "./_planes.ts";
import { unroundedStep } from "./_unrounded_step.ts";

/** Options of {@linkcode deblocking}. */
export interface DeblockingOptions {
  /**
   * The weight of deviations within the quantisation step, from 0 (none) to 1 (the plain mean square, which makes the
   * output repeat the blocks).
   * @default {0.05, our choice by `bench tasks`}
   */
  inside?: number;
}

const WHITE = 255;

/** Possible subsampling factors of the colour differences. */
const SUBSAMPLINGS = [1, 2, 4];

/**
 * With this much input noise the network smooths what the file does not determine. Our choice: 0.05 and 0.2 gain
 * nearly as much.
 */
const INPUT_NOISE = 0.1;

/**
 * A JPEG picture. The cosine coefficients c of each 8x8 block were rounded to multiples of their step q, so the
 * coefficients of the original picture lie within q/2. With d the coefficients of output - observed, the data term is
 * the mean of max(|d| - q/2, 0)² + inside d², in units of the picture's range. So an output need not repeat the
 * blocks, only agree with the file.
 *
 * @param observed The decoded picture.
 * @param quantization How it was compressed, from its file or by `compressJpeg`.
 * @param options The weight of deviations within a step.
 * @returns The problem for `restore`. None of its pixels can be held out.
 * @throws {RangeError} If `inside` is not from 0 to 1, or the colour differences are not 1, 2 or 4 times
 * smaller than the picture.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { tf } from "../engine/mod.ts";
 * import { compressJpeg, createImage } from "../image/mod.ts";
 *
 * const ramp = Float32Array.from({ length: 1024 }, (_, i) => i / 1024);
 * const picture = createImage({ height: 32, width: 32, channels: 1, data: ramp });
 * const { image, quantization } = await compressJpeg(picture, 20);
 * const { misfit } = deblocking(image, quantization, { inside: 0 });
 * const [output, observed] = [picture, image].map(({ data }) => tf.tensor(data, [1, 32, 32, 1]));
 * // The picture itself is one that the file agrees with, but for its rounding to whole levels.
 * assert.ok(misfit(output!, observed!).dataSync()[0]! < 1e-6);
 * ```
 */
export function deblocking(
  observed: Image,
  quantization: JpegQuantization,
  options: DeblockingOptions = {},
): Degradation {
  const { inside = 0.05 } = options;
  checkRange("inside", inside, 0, 1);
  const { subsampling, fromBottom, fromRight } = quantization;
  if (subsampling.some((n) => !SUBSAMPLINGS.includes(n))) {
    throw new RangeError(
      `\`quantization\` must have colour differences 1, 2 or 4 times smaller than the picture: got ${
        subsampling.join(" and ")
      }`,
    );
  }
  const [rows, columns] = unitOf(observed, quantization);
  return assemble(observed, quantization, inside, [
    { first: fromBottom ? observed.height % rows : 0, isStart: true, isEnd: true },
    { first: fromRight ? observed.width % columns : 0, isStart: true, isEnd: true },
  ]);
}

/**
 * Noise levels of plug-and-play from the nine lowest steps of the luminance: the error of a JPEG of quality 10, whose
 * steps are 66 on average, is about 11 of 255, and grows with the power 0.45 of the steps (`bench tasks`).
 */
function levelsOf(luminance: Steps): readonly [number, number] {
  const lowest = luminance.filter((_, k) => (k >> 3) < 3 && (k & 7) < 3);
  const error = 11 / 255 * (lowest.reduce((a, b) => a + b) / 9 / 66) ** 0.45;
  return [1.4 * error, 0.45 * error];
}

/** The position of the blocks along one axis of a picture, or of a part of one. */
interface Blocks {
  /** The start of the first block that lies within the picture. */
  readonly first: number;
  /** Whether it is the start of the whole picture: an incomplete block there is known. */
  readonly isStart: boolean;
  /** Whether it is the end of the whole picture. */
  readonly isEnd: boolean;
}

/** The sides of the smallest unit that is compressed independently: one block of each colour difference. */
function unitOf({ channels }: Image, { subsampling: [down, across] }: JpegQuantization): Sides {
  return channels === 1 ? [JPEG_BLOCK, JPEG_BLOCK] : [JPEG_BLOCK * down, JPEG_BLOCK * across];
}

function assemble(
  observed: Image,
  quantization: JpegQuantization,
  inside: number,
  blocks: readonly [Blocks, Blocks],
): Degradation {
  const { luminance, chrominance, subsampling: [down, across] } = quantization;
  const isGrey = observed.channels === 1, unit = unitOf(observed, quantization);
  const luma = cosines(1, 1), chroma = cosines(down, across);
  /** The sum over one plane's coefficients, and their number. */
  const termOf = (plane: tf.Tensor, filters: Float32Array, sizes: Sides, steps: Steps) => {
    const d = correlated(plane, filters, [...sizes, 1, JPEG_BLOCK * JPEG_BLOCK], [...sizes]);
    const half = tf.tensor(Float32Array.from(steps, (q) => q / 2 / WHITE));
    const beyond = d.sub(half).relu().square().add(d.neg().sub(half).relu().square());
    return { mean: weightedMean(beyond.add(d.square().mul(inside))), count: d.size };
  };
  return {
    task: "deblocking",
    settings: { inside, luminance, chrominance, subsampling: [down, across] },
    observed,
    initialEstimate: observed,
    isWhite: false,
    isSquared: false,
    isSamplewise: false,
    inputNoise: INPUT_NOISE,
    misfit(output, observed) {
      const error = inWholeBlocks(output.sub(observed), unit, blocks);
      if (isGrey) return termOf(error, luma, [JPEG_BLOCK, JPEG_BLOCK], luminance).mean;
      const terms = RGB_TO_YCBCR.map((weights, i) => {
        const plane = error.mul(tf.tensor1d([...weights])).sum(-1, true);
        return i === 0
          ? termOf(plane, luma, [JPEG_BLOCK, JPEG_BLOCK], luminance)
          : termOf(plane, chroma, [JPEG_BLOCK * down, JPEG_BLOCK * across], chrominance);
      });
      const total = terms.reduce((sum, { count }) => sum + count, 0);
      return terms.map(({ mean, count }) => mean.mul(count / total))
        .reduce((a, b) => a.add(b)) as tf.Scalar;
    },
    dataStep: {
      proximal: unroundedStep(observed, quantization, {
        top: blocks[0].first,
        left: blocks[1].first,
        isKnownBefore: [blocks[0].isStart, blocks[1].isStart],
        isKnownAfter: [blocks[0].isEnd, blocks[1].isEnd],
      }),
      noiseLevels: () => levelsOf(luminance),
    },
    alignment: Math.max(...unit),
    crop: (region) =>
      assemble(cropImage(observed, region), quantization, inside, [
        blocksWithin(blocks[0], unit[0], observed.height, region.top, region.height),
        blocksWithin(blocks[1], unit[1], observed.width, region.left, region.width),
      ]),
  };
}

/** The blocks of a part, from its start and length. */
const blocksWithin = (
  { first, isStart, isEnd }: Blocks,
  unit: number,
  size: number,
  begin: number,
  length: number,
): Blocks => ({
  first: ((first - begin) % unit + unit) % unit,
  isStart: isStart && begin === 0,
  isEnd: isEnd && begin + length === size,
});

type Sides = readonly [number, number];
type Steps = readonly number[];

/**
 * The 64 basis pictures of the orthonormal cosine transform (ITU-T T.81, A.3.3) on pixels that are means of `down` by
 * `across`: `[8 down, 8 across, 1, 64]`, row-major.
 */
function cosines(down: number, across: number): Float32Array {
  const rows = JPEG_BLOCK * down, columns = JPEG_BLOCK * across, count = JPEG_BLOCK * JPEG_BLOCK;
  const filters = new Float32Array(rows * columns * count);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      for (let k = 0; k < count; k++) {
        filters[(y * columns + x) * count + k] = jpegBasis(k >> 3, Math.floor(y / down)) *
          jpegBasis(k & 7, Math.floor(x / across)) / (down * across);
      }
    }
  }
  return filters;
}

/**
 * Makes the blocks complete: at the picture's edges by repeating the last row and column, as an encoder does;
 * elsewhere by leaving out incomplete blocks, of which nothing is known.
 */
function inWholeBlocks(
  x: tf.Tensor,
  [rows, columns]: Sides,
  [down, across]: readonly [Blocks, Blocks],
): tf.Tensor {
  const along = (x: tf.Tensor, axis: 1 | 2, unit: number, { first, isStart, isEnd }: Blocks) => {
    const last = (x.shape[axis]! - first) % unit;
    const part = (begin: number, size: number) => {
      const begins = [0, 0, 0, 0], sizes = [...x.shape];
      begins[axis] = begin;
      sizes[axis] = size;
      return x.slice(begins, sizes);
    };
    const repeated = (at: number, times: number) =>
      part(at, 1).tile(x.shape.map((_, i) => i === axis ? times : 1));
    const begin = isStart ? 0 : first, end = x.shape[axis]! - (isEnd ? 0 : last);
    const parts = [begin > 0 || end < x.shape[axis]! ? part(begin, end - begin) : x];
    if (isStart && first > 0) parts.unshift(repeated(0, unit - first));
    if (isEnd && last > 0) parts.push(repeated(x.shape[axis]! - 1, unit - last));
    return parts.length > 1 ? tf.concat(parts, axis) : parts[0]!;
  };
  return along(along(x, 1, rows, down), 2, columns, across);
}
