// The response of the picture to small changes in a layer, frequency by frequency.
import { compile, tf } from "../engine/mod.ts";
import type { Network } from "../network/mod.ts";
import { random } from "../random/mod.ts";
import { fourier, inverseFourier, type Rings } from "../spectrum/mod.ts";

/** The response of the picture to one layer. */
export interface LayerResponse {
  readonly layer: string;
  /** The layer's output, `[height, width, channels]`. */
  readonly shape: readonly number[];
  /**
   * In each band the mean power of the picture's change, wave by wave, for an impulse of 1 in the layer's output: the
   * mean over all places and channels.
   */
  readonly bands: readonly number[];
}

/** Options of {@linkcode layerResponses}. */
export interface LayerResponsesOptions {
  /** Random waves for each band. @default {8} */
  probes?: number;
  /** Seed of the waves. @default {0} */
  seed?: number;
  /** @default {navigator.hardwareConcurrency} */
  threads?: number;
}

/**
 * Measures how every layer's output affects the picture, at the current weights: the mean response to an impulse in
 * it, band by band. High frequencies of the picture cannot come from a layer that only passes low ones: the bias of a
 * network is that of its last filtering layers.
 *
 * Impulses need not be made one by one: the response of a wave to all of them is the gradient of the wave's
 * coefficient by the layer's output, `mean_j (vᵀ T e_j)² = |Tᵀ v|² / n`.
 *
 * @param network A built network with one channel, weights and input.
 * @param rings The bands, for the network's picture; the mean of the picture is in none.
 * @param options The number of waves, their seed, threads.
 * @returns One entry for every layer but the input, in the model's order.
 *
 * @example The last layer passes every band
 * ```ts
 * import { deepDecoder } from "../network/mod.ts";
 * import { isotropicRings } from "../spectrum/mod.ts";
 * import assert from "node:assert/strict";
 *
 * const network = deepDecoder({ channels: 4, scales: 2 })
 *   .build({ height: 16, width: 16, channels: 1 }, 1);
 * const responses = await layerResponses(network, isotropicRings(16, 16), { threads: 1 });
 * const { layer, bands } = responses.at(-1)!;
 * assert.equal(layer, "picture");
 * for (const band of bands) assert.ok(Math.abs(band - 1 / 256) < 1e-6);
 * network.model.dispose();
 * ```
 */
export async function layerResponses(
  { model, input }: Network,
  rings: Rings,
  options: LayerResponsesOptions = {},
): Promise<LayerResponse[]> {
  const { probes = 8, seed = 0, threads = navigator.hardwareConcurrency } = options;
  const { height, width } = rings, pixels = height * width;
  const layers = model.layers.filter((layer) => layer.getClassName() !== "InputLayer");
  const shapes = layers.map(({ outputShape }) => (outputShape as number[]).slice(1));
  const z = tf.tensor(input.values, [...input.shape]);
  const changed = layers.map((layer) => layer.call.bind(layer));
  /** The output of the network, with a change added to each layer's output. */
  const outputOf = (changes: tf.Tensor[]) => {
    layers.forEach((layer, i) => {
      layer.call = (...args) => (changed[i]!(...args) as tf.Tensor).add(changes[i]!);
    });
    try {
      return (model.apply(z) as tf.Tensor).reshape([pixels]);
    } finally {
      // Makes the layer's own method visible again.
      layers.forEach((layer) => delete (layer as { call?: unknown }).call);
    }
  };
  const step = await compile(({ v }) => {
    const zeros = shapes.map((shape) => tf.zeros([1, ...shape]));
    const gradients = tf.grads((...changes: tf.Tensor[]) => tf.sum(outputOf(changes).mul(v!)))(
      zeros,
    );
    return {
      powers: tf.concat(gradients.map((gradient) => gradient.square().mean().reshape([1]))),
    };
  }, { inputs: { v: [pixels] }, threads });
  const source = random(seed), noise = new Float32Array(pixels);
  const bands = layers.map(() => rings.sizes.map(() => 0));
  try {
    for (let ring = 0; ring < rings.sizes.length; ring++) {
      for (let probe = 0; probe < probes; probe++) {
        source.fillNormal(noise, 1);
        const { outputs } = await step.run({ v: waveIn(ring, noise, rings) });
        outputs["powers"]!.forEach((power, i) => bands[i]![ring]! += power / probes);
      }
    }
  } finally {
    await step.dispose();
    z.dispose();
  }
  return layers.map(({ name }, i) => ({ layer: name, shape: shapes[i]!, bands: bands[i]! }));
}

/** A random wave of norm 1 in one band. */
function waveIn(ring: number, noise: Float32Array, rings: Rings): Float32Array {
  const spectrum = fourier(noise, rings.height, rings.width);
  const kept = (values: Float64Array) =>
    values.map((value, i) => i > 0 && rings.of[i] === ring ? value : 0);
  const wave = inverseFourier({
    ...spectrum,
    real: kept(spectrum.real),
    imaginary: kept(spectrum.imaginary),
  });
  const length = Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0));
  return Float32Array.from(wave, (value) => length > 0 ? value / length : 0);
}
