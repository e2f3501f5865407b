// Denoises by Zero-Shot Noise2Noise: a small network trained on the one noisy picture.
import { checkLeastSize, checkWholeNumber } from "../check.ts";
import { adam, adamScalars, compile, tf } from "../engine/mod.ts";
import { crop, type Image } from "../image/mod.ts";
import { derive, random } from "../random/mod.ts";
import { checked, withSamples } from "./_arguments.ts";
import { denoiseInTiles, type NoiseNetwork, noiseNetwork, zsN2nLoss } from "./_zs_n2n_network.ts";

/** Options for {@linkcode zsN2n}. */
export interface ZsN2nOptions {
  /** The seed of the network and of the squares it is trained on. @default {0} */
  seed?: number;
  /** Training steps, the authors' number. @default {2000} */
  iterations?: number;
  /** Threads that an operator may use; a second one gains nothing for such small steps. @default {1} */
  threads?: number;
  /** Aborts the training; the promise is then rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** The side of a step's squares. Larger ones cost more and gain nothing with as many steps. */
const SIDE = 48;

/** The initial step size of the cosine schedule. */
const LEARNING_RATE = 0.003;

/**
 * Denoises by Zero-Shot Noise2Noise (Mansour and Heckel, CVPR 2023): the picture y is downsampled in two ways, `D1 y`
 * and `D2 y`, the means over the two diagonals of every 2x2 block. They have nearly the same content and independent
 * noise, so that a denoiser f can be trained to predict each from the other without other data; `f(x) = x -
 * network(x)`, where the network is two 3x3 convolutions of 48 filters with LeakyReLU of slope 0.2, and one 1x1. The
 * loss is `(|D1 y - f(D2 y)|^2 + |D2 y - f(D1 y)|^2 + |f(D1 y) - D1 f(y)|^2 + |f(D2 y) - D2 f(y)|^2) / 2`.
 *
 * The authors use the whole picture in each step and Adam with step size 0.001, halved at times. Here a step uses a
 * square of 48x48 at a random place, and the step size falls from 0.003 to 0 by a cosine. With as many steps the
 * result is as good, and the time does not depend on the picture's size. Sides may be odd.
 *
 * @param image The noisy picture, `[height, width, channels]`, sides from 2; `alpha` is kept. The noise
 * must be independent from pixel to pixel; its level need not be known.
 * @param options Seed, iterations, threads, signal.
 * @returns A new picture, clipped to [0, 1].
 * @throws {RangeError} If an option is out of range, a side is below 2 or the image's fields are inconsistent.
 *
 * @example A uniform grey with noise
 * ```ts
 * import assert from "node:assert/strict";
 * import { addGaussianNoise, createImage, psnr } from "../image/mod.ts";
 *
 * const data = new Float32Array(32 * 32).fill(0.5);
 * const clean = createImage({ height: 32, width: 32, channels: 1, data });
 * const noisy = addGaussianNoise(clean, 0.1, 1);
 * const image = await zsN2n(noisy, { iterations: 200 });
 * assert.ok(psnr(image, clean) > psnr(noisy, clean) + 6);
 * ```
 */
export async function zsN2n(image: Image, options: ZsN2nOptions = {}): Promise<Image> {
  const { seed = 0, iterations = 2000, threads = 1, signal } = options;
  checkWholeNumber("seed", seed, 0, Number.MAX_SAFE_INTEGER);
  checkWholeNumber("iterations", iterations, 1);
  checkWholeNumber("threads", threads, 1);
  const { channels } = checked(image);
  checkLeastSize("image", image, 2);
  signal?.throwIfAborted();
  const network = noiseNetwork(channels, derive(seed, "network"));
  try {
    await train(network, image, { seed, iterations, threads, signal });
    return withSamples(image, await denoiseInTiles(network, image, threads));
  } finally {
    tf.dispose([...network.variables]);
  }
}

/** Trains the network on random squares of the picture. */
async function train(
  network: NoiseNetwork,
  image: Image,
  { seed, iterations, threads, signal }: {
    seed: number;
    iterations: number;
    threads: number;
    signal: AbortSignal | undefined;
  },
): Promise<void> {
  const [height, width] = [image.height, image.width].map((n) => Math.min(SIDE, n - n % 2)) as [
    number,
    number,
  ];
  const { uniform } = random(derive(seed, "squares"));
  const start = (size: number, side: number) => Math.floor(uniform() * (size - side + 1));
  const square = () =>
    crop(image, start(image.height, height), start(image.width, width), height, width).data;

  const variables = [...network.variables], optimiser = adam(variables);
  try {
    const step = await compile(({ y, rate, epsilon }) => {
      const { value, grads } = tf.variableGrads(
        () => zsN2nLoss(y as tf.Tensor4D, network.denoise),
        variables,
      );
      optimiser.update(variables.map(({ name }) => grads[name]!), rate!, epsilon!);
      return { loss: value };
    }, { inputs: { y: [1, height, width, image.channels], rate: [], epsilon: [] }, threads });
    try {
      for (let i = 0; i < iterations; i++) {
        signal?.throwIfAborted();
        const rate = LEARNING_RATE * (1 + Math.cos(Math.PI * i / iterations)) / 2;
        await step.run({ y: square(), ...adamScalars(rate, i) }, []);
      }
      await step.sync();
    } finally {
      await step.dispose();
    }
  } finally {
    optimiser.dispose();
  }
}
