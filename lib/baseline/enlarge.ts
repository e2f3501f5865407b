// Enlarges a picture by interpolation.
import type { Image } from "../image/mod.ts";
import { checkWhole } from "./_check.ts";
import { checked, withSamples } from "./_picture.ts";

/** Options for {@linkcode enlarge}. */
export interface EnlargeOptions {
  /** Keys's cubic convolution with a = -1/2, or a sinc windowed to three lobes. */
  kernel: "bicubic" | "lanczos3";
}

/** A kernel, 0 from `support` pixels on. */
interface Kernel {
  support: number;
  at(distance: number): number;
}

const sinc = (x: number) => x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);

const KERNELS: Record<EnlargeOptions["kernel"], Kernel> = {
  bicubic: {
    support: 2,
    at: (x) => x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2,
  },
  lanczos3: { support: 3, at: (x) => sinc(x) * sinc(x / 3) },
};

/**
 * Enlarges a picture by a whole factor, `[height, width]` to `[factor height, factor width]`.
 *
 * The centre of the new pixel `i` lies at `(i + 1/2) / factor - 1/2` old pixels, so that nothing is
 * shifted; it is the mean of the old pixels weighted by `k(distance)`, along columns and then rows,
 * the weights made to sum to 1, also where the kernel reaches beyond the edge. The kernels are
 * Keys's (1981, "Cubic Convolution Interpolation for Digital Image Processing", a = -1/2) and
 * Lanczos's, `sinc(x) sinc(x/3)` (Duchon 1979). Overshoot is clipped to [0, 1]; `alpha` is enlarged
 * in the same way.
 *
 * It is computed here because sharp, which this project otherwise uses, enlarges with a shift of
 * half a new pixel, and by the cubic kernel whichever one is named.
 *
 * @param image The picture.
 * @param factor How many times as large each side becomes, a whole number from 1.
 * @param options The kernel.
 * @returns A new picture.
 * @throws {RangeError} If `factor` is not such a number, `kernel` is unknown, or the image's fields
 * do not agree.
 *
 * @example A ramp goes on being one
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.from({ length: 9 }, (_, x) => x / 8);
 * const ramp = { height: 1, width: 9, channels: 1, data } as const;
 * const twice = enlarge(ramp, 2, { kernel: "bicubic" });
 * assert.equal(twice.width, 18);
 * assert.ok(Math.abs(twice.data[8]! - 3.75 / 8) < 1e-6); // the pixel 8 is at 8.5 / 2 - 0.5
 * ```
 */
export function enlarge(image: Image, factor: number, { kernel: name }: EnlargeOptions): Image {
  checkWhole("factor", factor, 1);
  if (!Object.hasOwn(KERNELS, name)) {
    throw new RangeError(
      `\`kernel\` must be one of ${Object.keys(KERNELS).join(", ")}: got ${name}`,
    );
  }
  const { height, width, channels, data, alpha } = checked(image);
  const rows = weightsOf(height, factor, KERNELS[name]);
  const columns = weightsOf(width, factor, KERNELS[name]);
  const both = (samples: Float32Array, channels: number) =>
    along(along(samples, 1, width * channels, rows), height * factor, channels, columns);
  const large = { ...image, height: height * factor, width: width * factor };
  const result = withSamples(large, both(data, channels));
  return alpha ? { ...result, alpha: withSamples(image, both(alpha, 1)).data } : result;
}

/** For each new pixel of a side its first old pixel and the weights from there on. */
function weightsOf(size: number, factor: number, { support, at }: Kernel) {
  return Array.from({ length: size * factor }, (_, i) => {
    const centre = (i + 0.5) / factor - 0.5;
    const from = Math.max(Math.floor(centre - support) + 1, 0);
    const to = Math.min(Math.ceil(centre + support) - 1, size - 1);
    const weights = Array.from(
      { length: to - from + 1 },
      (_, k) => at(Math.abs(from + k - centre)),
    );
    const sum = weights.reduce((a, b) => a + b);
    return { from, weights: weights.map((weight) => weight / sum) };
  });
}

/** Resamples the middle axis of `[outer, old, inner]`. */
function along(
  samples: ArrayLike<number>,
  outer: number,
  inner: number,
  pixels: ReturnType<typeof weightsOf>,
): Float64Array {
  const old = samples.length / (outer * inner);
  const result = new Float64Array(outer * pixels.length * inner);
  for (let o = 0, at = 0; o < outer; o++) {
    for (const { from, weights } of pixels) {
      const start = (o * old + from) * inner;
      for (let i = 0; i < inner; i++, at++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) {
          sum += weights[k]! * samples[start + k * inner + i]!;
        }
        result[at] = sum;
      }
    }
  }
  return result;
}
