// The data step of deblurring, in the Fourier domain: a picture close to an estimate that agrees with the blurred
// one.
import { type Image, padReflect } from "../image/mod.ts";
import { fourier, inverseFourier, type Spectrum } from "../spectrum/mod.ts";
import type { BlurKernel } from "./blur_kernels.ts";

/** The least power of two that is at least a side: transforms of other sizes take about four times as long. */
function periodOf(side: number): number {
  let power = 1;
  while (power < side) power *= 2;
  return power;
}

/** The transfer function of the kernel, whose middle is at the origin. */
function transferOf(kernel: BlurKernel, height: number, width: number): Spectrum {
  const plane = new Float64Array(height * width);
  for (let y = 0; y < kernel.height; y++) {
    for (let x = 0; x < kernel.width; x++) {
      const row = (y - (kernel.height - 1) / 2 + height) % height;
      const column = (x - (kernel.width - 1) / 2 + width) % width;
      plane[row * width + column]! += kernel.weights[y * kernel.width + x]!;
    }
  }
  return fourier(plane, height, width);
}

/**
 * argmin over x of ‖k * x - observed‖² + ratio ‖x - estimate‖², where the picture is periodic with a period larger
 * than the picture itself. Pixels whose blur reaches beyond the frame were not observed there; the blurred estimate
 * takes their place, which is one step of majorisation-minimisation over the known pixels.
 *
 * @param observed The blurred picture.
 * @param kernel The blur.
 * @returns The data step; `ratio` is the noise's variance divided by the estimate's.
 */
export function deblurredStep(
  observed: Image,
  kernel: BlurKernel,
): (estimate: Image, ratio: number) => Image {
  const { height, width, channels } = observed;
  const down = (kernel.height - 1) / 2, across = (kernel.width - 1) / 2;
  const rows = periodOf(height + 2 * down), columns = periodOf(width + 2 * across);
  const top = (rows - height) >> 1, left = (columns - width) >> 1;
  const transfer = transferOf(kernel, rows, columns);
  const isKnown = (y: number, x: number) =>
    y >= top + down && y < top + height - down && x >= left + across && x < left + width - across;
  return (estimate, ratio) => {
    const data = new Float32Array(estimate.data.length);
    const padded = padReflect(estimate, rows, columns);
    for (let c = 0; c < channels; c++) {
      const plane = new Float64Array(rows * columns);
      for (let i = 0; i < plane.length; i++) plane[i] = padded.data[i * channels + c]!;
      const spectrum = fourier(plane, rows, columns);
      const predicted = inverseFourier(multiplied(spectrum, transfer, false));
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          if (!isKnown(y, x)) continue;
          predicted[y * columns + x] = observed
            .data[((y - top) * width + x - left) * channels + c]!;
        }
      }
      const result = multiplied(fourier(predicted, rows, columns), transfer, true);
      for (let i = 0; i < result.real.length; i++) {
        const power = transfer.real[i]! ** 2 + transfer.imaginary[i]! ** 2 + ratio;
        result.real[i] = (result.real[i]! + ratio * spectrum.real[i]!) / power;
        result.imaginary[i] = (result.imaginary[i]! + ratio * spectrum.imaginary[i]!) / power;
      }
      const restored = inverseFourier(result);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          data[(y * width + x) * channels + c] = restored[(y + top) * columns + x + left]!;
        }
      }
    }
    return { ...estimate, data };
  };
}

/** The product of two half spectra; the second may be conjugated. */
function multiplied(a: Spectrum, b: Spectrum, isConjugated: boolean): Spectrum {
  const sign = isConjugated ? -1 : 1;
  const real = a.real.map((value, i) =>
    value * b.real[i]! - sign * a.imaginary[i]! * b.imaginary[i]!
  );
  const imaginary = a.real.map((value, i) =>
    sign * value * b.imaginary[i]! + a.imaginary[i]! * b.real[i]!
  );
  return { ...a, real, imaginary };
}
