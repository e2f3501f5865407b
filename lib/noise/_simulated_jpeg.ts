// Simulated JPEG compression with the tables of a file: what it leaves of white noise.
import {
  createImage,
  type Image,
  JPEG_BLOCK,
  type JpegQuantization,
  RGB_TO_YCBCR,
  transformJpegBlock,
  YCBCR_TO_RGB,
} from "../image/mod.ts";
import { derive, random } from "../random/mod.ts";

/**
 * White noise on middle grey after JPEG compression.
 *
 * @param side The picture's side, a multiple of the blocks' in luminance and colour.
 * @param sigma The noise's standard deviation before compression, of 255.
 * @param quantization The compression.
 * @param channels The picture's channels.
 * @returns The decoded picture; the same for the same arguments.
 */
export function compressedGrey(
  side: number,
  sigma: number,
  { luminance, chrominance, subsampling }: JpegQuantization,
  channels: Image["channels"],
): Image {
  const pixels = side * side;
  const grey = createImage({ height: side, width: side, channels });
  const noise = new Float32Array(pixels * channels);
  random(derive(0, "compressed noise")).fillNormal(noise, sigma);
  const planes = channels === 1
    ? [Float64Array.from(noise)]
    : RGB_TO_YCBCR.map(([r, g, b]) =>
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
        : YCBCR_TO_RGB[c]!.reduce<number>((sum, weight, p) => sum + weight * planes[p]![i]!, 0);
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

/** Rounds the cosine coefficients of every block to whole steps. */
function quantise(
  plane: Float64Array,
  height: number,
  width: number,
  steps: readonly number[],
): void {
  const block = new Float64Array(JPEG_BLOCK ** 2);
  for (let top = 0; top < height; top += JPEG_BLOCK) {
    for (let left = 0; left < width; left += JPEG_BLOCK) {
      const place = (i: number) => (top + (i >> 3)) * width + left + (i & 7);
      block.forEach((_, i) => block[i] = plane[place(i)]!);
      transformJpegBlock(block, false);
      block.forEach((value, k) => block[k] = Math.round(value / steps[k]!) * steps[k]!);
      transformJpegBlock(block, true);
      block.forEach((value, i) => plane[place(i)] = value);
    }
  }
}
