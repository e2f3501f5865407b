// A trained network applied to a picture of any size, in tiles, so that memory does not grow with it.
import { compile, type tf } from "../engine/mod.ts";
import { crop, type Image } from "../image/mod.ts";
import type { NoiseNetwork } from "./_zs_n2n_network.ts";

/** Two 3x3 convolutions see two pixels around. */
const MARGIN = 2;

/**
 * Applies the network to a picture, to its last digits as if to the whole of it at once.
 *
 * @param network The network; it stays as it is.
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

/** The tiles of a side, of one size, and from where to where each is right: a cut-off edge is not. */
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
