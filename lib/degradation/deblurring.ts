// Deblurring with a known kernel, and noise.
import type { tf } from "../engine/mod.ts";
import { createImage, type Image, padReflect } from "../image/mod.ts";
import { estimateWhiteNoise, normalizeContrast } from "../noise/mod.ts";
import type { BlurKernel } from "./blur_kernels.ts";
import { cropImage } from "./_crop.ts";
import { mse } from "./data_terms.ts";
import type { Degradation } from "./degradation.ts";
import { deblurredStep } from "./_deblurred_step.ts";
import { correlated } from "./_planes.ts";

/** Options of {@linkcode deblurring}. */
export interface DeblurringOptions {
  /** Standard deviation of the blurred picture's noise, in [0, 1]. @default {estimated from the picture} */
  noiseSigma?: number;
}

/**
 * A blurred picture. The data term is the mean of (k * output - observed)². Pixels whose blur reaches beyond the
 * frame do not count, because what lies there is not known; the other pixels determine the output there.
 *
 * @param observed The blurred picture.
 * @param kernel The blur kernel.
 * @param options The noise.
 * @returns The problem for `restore`.
 * @throws {RangeError} If the kernel is as large as the picture.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 * import { gaussianBlur } from "./blur_kernels.ts";
 *
 * const { known } = deblurring(createImage({ height: 32, width: 32, channels: 1 }), gaussianBlur(1));
 * assert.deepEqual([known!.data[0], known!.data[16 * 32 + 16]], [0, 1]);
 * ```
 */
export function deblurring(
  observed: Image,
  kernel: BlurKernel,
  options: DeblurringOptions = {},
): Degradation {
  const { height, width, channels } = observed;
  const support = supportOf(kernel, observed);
  const step = once(() => deblurredStep(observed, kernel));
  const noise = once(() =>
    options.noiseSigma ??
      Math.max(estimateWhiteNoise(observed), LEAST_NOISE * normalizeContrast(observed).contrast)
  );
  const turned = kernel.weights.toReversed();
  const data = new Float32Array(height * width * channels);
  for (let y = support.rows; y < height - support.rows; y++) {
    data.fill(
      1,
      (y * width + support.columns) * channels,
      (y * width + width - support.columns) * channels,
    );
  }
  return {
    task: "deblurring",
    settings: { kernel: { ...kernel, weights: [...kernel.weights] } },
    observed,
    initialEstimate: observed,
    known: createImage({ height, width, channels, data }),
    isWhite: false,
    isSamplewise: true,
    misfit(output, observed, counted) {
      const shape: [number, number, 1, number] = [kernel.height, kernel.width, 1, 1];
      // Convolution is correlation with the kernel turned by 180 degrees.
      const inside = correlated(output, turned, shape, [1, 1]).transpose([3, 1, 2, 0]);
      const within = (x: tf.Tensor) =>
        x.slice([0, support.rows, support.columns, 0], [
          1,
          height - 2 * support.rows,
          width - 2 * support.columns,
          channels,
        ]);
      return mse(inside, within(observed), counted && within(counted));
    },
    dataStep: {
      proximal: (estimate, sigma) => step()(estimate, (noise() / sigma) ** 2),
      noiseLevels: () => [FIRST_LEVEL * noise(), LAST_LEVEL * noise()],
    },
    alignment: 1,
    support: Math.max(support.rows, support.columns),
    crop: (region) => deblurring(cropImage(observed, region), kernel, options),
  };
}

/** The rounding error of eight bits is half a level. */
const LEAST_NOISE = 0.5 / 255;

/** Noise levels of plug-and-play, in units of the blurred picture's noise (`bench tasks`). */
const FIRST_LEVEL = 10, LAST_LEVEL = 1.5;

/** Computes a value on first use. */
function once<T>(compute: () => T): () => T {
  let value: { readonly of: T } | undefined;
  return () => (value ??= { of: compute() }).of;
}

function supportOf(
  kernel: BlurKernel,
  { height, width }: Image,
): { rows: number; columns: number } {
  if (kernel.height >= height || kernel.width >= width) {
    throw new RangeError(
      `\`kernel\` of ${kernel.width}x${kernel.height} must be smaller than the picture of ${width}x${height}`,
    );
  }
  return { rows: (kernel.height - 1) / 2, columns: (kernel.width - 1) / 2 };
}

/**
 * Blurs a picture, for experiments; edges are reflected.
 *
 * @param image The picture.
 * @param kernel The blur kernel.
 * @returns The blurred picture.
 * @throws {RangeError} If the kernel is as large as the picture.
 *
 * @example A point becomes the kernel
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 * import { motionBlur } from "./blur_kernels.ts";
 *
 * const point = createImage({ height: 16, width: 16, channels: 1 });
 * point.data[8 * 16 + 8] = 1;
 * const kernel = motionBlur(4, 0);
 * assert.deepEqual(blurred(point, kernel).data.slice(8 * 16 + 6, 8 * 16 + 11), kernel.weights);
 * ```
 */
export function blurred(image: Image, kernel: BlurKernel): Image {
  const { rows, columns } = supportOf(kernel, image);
  const { height, width, channels } = image;
  const padded = padReflect(image, height + 2 * rows, width + 2 * columns);
  const data = new Float32Array(height * width * channels), stride = padded.width * channels;
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < width * channels; i++) {
      let sum = 0;
      for (let v = 0, k = kernel.weights.length - 1; v < kernel.height; v++) {
        for (let u = 0; u < kernel.width; u++, k--) {
          sum += kernel.weights[k]! * padded.data[(y + v) * stride + i + u * channels]!;
        }
      }
      data[y * width * channels + i] = sum;
    }
  }
  return { ...image, data };
}
