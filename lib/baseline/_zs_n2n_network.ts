// The network of Zero-Shot Noise2Noise: its loss and its downsampling as parts of a tfjs step, and its use on pictures of any size.
import { compile, tf } from "../engine/mod.ts";
import { crop, type Image } from "../image/mod.ts";
import { random } from "../random/mod.ts";

const FILTERS = 48, SLOPE = 0.2;

/** A network that predicts the noise of a picture of any even size. */
export interface NoiseNetwork {
  /** The parameters: filters `[k, k, in, out]` and biases `[out]`. */
  readonly variables: readonly tf.Variable[];
  /** Subtracts the predicted noise from pictures `[batch, height, width, channels]`. */
  denoise(x: tf.Tensor4D): tf.Tensor4D;
}

/** Three convolutions, the first two 3x3 with LeakyReLU, weights and biases uniform in ±1/√(in·k²). */
export function noiseNetwork(channels: number, seed: number): NoiseNetwork {
  const { fillUniform } = random(seed);
  const uniform = (shape: number[], bound: number) => {
    const values = new Float32Array(shape.reduce((product, n) => product * n));
    fillUniform(values, -bound, bound);
    return tf.tidy(() => tf.variable(tf.tensor(values, shape)));
  };
  const layers = ([[3, channels, FILTERS], [3, FILTERS, FILTERS], [1, FILTERS, channels]] as const)
    .map(([side, from, to]) => {
      const bound = 1 / Math.sqrt(from * side ** 2);
      const kernel = uniform([side, side, from, to], bound), bias = uniform([to], bound);
      return { kernel: kernel as tf.Variable<tf.Rank.R4>, bias };
    });
  const apply = (x: tf.Tensor4D, i: number) =>
    tf.conv2d(x, layers[i]!.kernel, 1, "same").add(layers[i]!.bias) as tf.Tensor4D;
  return {
    variables: layers.flatMap(({ kernel, bias }) => [kernel, bias]),
    denoise(x) {
      const hidden = tf.leakyRelu(apply(tf.leakyRelu(apply(x, 0), SLOPE), 1), SLOPE);
      return x.sub(apply(hidden, 2));
    },
  };
}

/**
 * The two halves D1 x and D2 x of a picture: the means of one diagonal of every 2x2 block, and of the other.
 *
 * @param x `[1, height, width, channels]`, of even sides.
 * @returns Two pictures `[1, height / 2, width / 2, channels]`.
 */
export function halves(x: tf.Tensor4D): [tf.Tensor4D, tf.Tensor4D] {
  const channels = x.shape[3];
  const along = (diagonal: readonly number[]) => {
    const filter = Float32Array.from({ length: 4 * channels ** 2 }, (_, i) => {
      const to = i % channels, from = Math.floor(i / channels) % channels;
      return from === to ? diagonal[Math.floor(i / channels ** 2)]! : 0;
    });
    return tf.conv2d(x, tf.tensor4d(filter, [2, 2, channels, channels]), 2, "valid");
  };
  return [along([0, 0.5, 0.5, 0]), along([0.5, 0, 0, 0.5])];
}

/**
 * The loss of Zero-Shot Noise2Noise, with f the denoiser:
 * ½(‖D1 y - f(D2 y)‖² + ‖D2 y - f(D1 y)‖²) + ½(‖f(D1 y) - D1 f(y)‖² + ‖f(D2 y) - D2 f(y)‖²), means over samples.
 *
 * @param y The noisy picture, `[1, height, width, channels]`.
 * @param denoise The denoiser f.
 */
export function zsN2nLoss(y: tf.Tensor4D, denoise: NoiseNetwork["denoise"]): tf.Scalar {
  const distance = (a: tf.Tensor, b: tf.Tensor) => a.sub(b).square().mean();
  const [d1, d2] = halves(y), [f1, f2] = [denoise(d1), denoise(d2)];
  const [downF1, downF2] = halves(denoise(y));
  const residual = distance(d1, f2).add(distance(d2, f1));
  const consistency = distance(f1, downF1).add(distance(f2, downF2));
  return residual.add(consistency).mul(0.5) as tf.Scalar;
}

/** The receptive field of two 3x3 convolutions reaches two pixels beyond a pixel. */
const MARGIN = 2;

/**
 * Applies the network to a picture in tiles; up to rounding the result is that of the whole picture.
 *
 * @param network The network; it is not changed.
 * @param image The picture.
 * @param threads Threads that an operator may use.
 * @param most The largest side of a tile, above twice the margin.
 * @returns The samples, `[height, width, channels]`.
 */
export async function denoiseInTiles(
  network: NoiseNetwork,
  image: Image,
  threads: number,
  most = 256,
): Promise<Float32Array> {
  const { width, channels } = image;
  const rows = tilesOf(image.height, most), columns = tilesOf(width, most);
  const { side: tileHeight } = rows[0]!, { side: tileWidth } = columns[0]!;
  const step = await compile(
    ({ y }) => ({ denoised: network.denoise(y as tf.Tensor4D) }),
    { inputs: { y: [1, tileHeight, tileWidth, channels] }, threads },
  );
  try {
    const result = new Float32Array(image.data.length);
    for (const down of rows) {
      for (const across of columns) {
        const tile = crop(image, down.start, across.start, tileHeight, tileWidth);
        const { denoised } = (await step.run({ y: tile.data })).outputs;
        for (let y = down.from; y < down.to; y++) {
          const at = ((y - down.start) * tileWidth - across.start) * channels;
          const row = denoised!.subarray(at + across.from * channels, at + across.to * channels);
          result.set(row, (y * width + across.from) * channels);
        }
      }
    }
    return result;
  } finally {
    await step.dispose();
  }
}

/** Tiles of equal size along a side, and the range of each that is valid: not the edges where it was cut. */
function tilesOf(size: number, most: number) {
  const side = Math.min(size, most), stride = side - 2 * MARGIN;
  const count = side === size ? 1 : Math.ceil((size - 2 * MARGIN) / stride);
  return Array.from({ length: count }, (_, k) => {
    const start = Math.min(k * stride, size - side), end = start + side;
    return {
      side,
      start,
      from: start === 0 ? 0 : start + MARGIN,
      to: end === size ? size : end - MARGIN,
    };
  });
}
