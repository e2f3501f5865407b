// Norms of a network's convolutions against Jacobi's method and kernels of known norm.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import {
  decoder,
  type KernelControl,
  layerNorms,
  ReflectionConv2d,
  transposedConvolution,
  Upsampling2x,
} from "../../lib/network/mod.ts";
import { normals } from "../engine/_agreement.ts";
import { largestSingularValue, withSingularValues } from "./_singular_values.ts";

const close = (a: number, b: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(a - b) <= tolerance * b, `${a} instead of ${b}`);

/** The kernel's values as a matrix, one row for each index along `axis`. */
const asRows = (kernel: tf.Tensor, axis: 2 | 3): Float32Array =>
  tf.tidy(() => kernel.transpose([axis, 5 - axis, 0, 1]).dataSync<"float32">());

Deno.test("layerNorms() is Jacobi's for every convolution of a decoder, the transposed ones too", () => {
  const network = decoder({
    channels: [5, 7],
    scales: 2,
    inputChannels: 4,
    upsampling: transposedConvolution(),
    lipschitz: 1.4,
  });
  const { model } = network.build({ height: 8, width: 8, channels: 3 }, 1);
  // Raised, that the bound holds some layers.
  for (const { trainableWeights } of model.layers.slice(0, 8)) {
    for (const weight of trainableWeights) weight.write(weight.read().mul(1.5));
  }
  const norms = layerNorms(model);
  assert.deepEqual(norms.map(({ layer }) => layer), [
    "scale0_1_conv",
    "scale0_2_conv",
    "scale1_up",
    "scale1_conv",
    "scale2_up",
    "scale2_conv",
    "out_conv",
  ]);
  for (const { layer, kernel, controlled } of norms) {
    const weights = model.getLayer(layer).getWeights()[0]!, axis = layer.endsWith("_up") ? 2 : 3;
    const rows = weights.shape[axis]!;
    close(kernel, largestSingularValue(asRows(weights, axis), rows, weights.size / rows));
    const free = layer.endsWith("_up") || layer === "out_conv";
    assert.equal(controlled, free ? kernel : Math.min(kernel, 1.4));
  }
  assert.ok(norms.some(({ kernel, controlled }) => controlled < kernel));
  model.dispose();
});

/** A model of one layer, with its first weight replaced. */
function modelOf(layer: tf.layers.Layer, channels: number, kernel: tf.Tensor): tf.LayersModel {
  const z = tf.input({ shape: [8, 8, channels] });
  const model = tf.model({ inputs: z, outputs: layer.apply(z) as tf.SymbolicTensor });
  layer.setWeights([kernel, ...layer.getWeights().slice(1)]);
  return model;
}

const SPECTRA: Record<string, number[]> = {
  "all equal": Array<number>(16).fill(0.7),
  "the largest and 63 just below": [1, ...Array<number>(63).fill(1 - 1e-5)],
  "evenly spread": Array.from({ length: 100 }, (_, i) => 1 - i / 100),
  "only one": [3, 0, 0, 0, 0],
  "very small": [1e-6, 5e-7],
};

for (const [name, values] of Object.entries(SPECTRA)) {
  Deno.test(`layerNorms() finds the largest singular value: ${name}`, () => {
    const n = values.length;
    const layer = new ReflectionConv2d({ filters: n, kernelSize: 1 });
    const model = modelOf(layer, n, tf.tensor4d(withSingularValues(values), [1, 1, n, n]));
    close(layerNorms(model)[0]!.kernel, Math.max(...values), 2e-6);
    model.dispose();
  });
}

Deno.test("layerNorms() of zeros is 0", () => {
  const layer = new ReflectionConv2d({ filters: 4, kernelSize: 3, lipschitz: 1 });
  const model = modelOf(layer, 3, tf.zeros([3, 3, 3, 4]));
  const [{ kernel, controlled } = {}] = layerNorms(model);
  assert.deepEqual([kernel, controlled], [0, 0]);
  model.dispose();
});

Deno.test("layerNorms() divides by the operator's norm where that is bounded", () => {
  // The mean of 3x3 pixels: norm 1 as an operator, 1/3 as a matrix.
  const control = { lipschitz: 0.5, lipschitzNorm: "operator" } as const;
  const layer = new ReflectionConv2d({ filters: 1, kernelSize: 3, ...control });
  const model = modelOf(layer, 1, tf.fill([3, 3, 1, 1], 1 / 9));
  const [{ kernel, controlled } = { kernel: NaN, controlled: NaN }] = layerNorms(model);
  close(kernel, 1 / 3);
  close(controlled, 1 / 6);
  model.dispose();
});

const LAYERS: Record<string, (control: Partial<KernelControl>) => tf.layers.Layer> = {
  "a 3x3 convolution": (control) =>
    new ReflectionConv2d({ filters: 5, kernelSize: 3, useBias: false, ...control }),
  "a 1x1 convolution": (control) =>
    new ReflectionConv2d({ filters: 5, kernelSize: 1, useBias: false, ...control }),
  "a 3x3 convolution with stride 2": (control) =>
    new ReflectionConv2d({ filters: 5, kernelSize: 3, stride: 2, useBias: false, ...control }),
  "a transposed convolution": (control) =>
    new Upsampling2x({ upsampling: { kind: "deconv" }, ...control }),
};

for (const [name, layer] of Object.entries(LAYERS)) {
  Deno.test(`layerNorms() is that of the kernel with which the layer convolves, by either norm: ${name}`, () => {
    for (const lipschitzNorm of ["kernel", "operator"] as const) {
      const layers = [layer({ lipschitz: 0.5, lipschitzNorm }), layer({})];
      const x = tf.tensor(normals([1, 8, 8, 3], 8), [1, 8, 8, 3]);
      const models = layers.map((layer) => {
        layer.apply(tf.input({ shape: [8, 8, 3] }));
        const { shape } = layer.getWeights()[0]!;
        const model = modelOf(layer, 3, tf.tensor(normals(shape, 7), shape));
        // A transposed convolution has a bias.
        const biases = layer.getWeights().slice(1).map((bias) => tf.zerosLike(bias));
        layer.setWeights([layer.getWeights()[0]!, ...biases]);
        return model;
      });
      // The outputs differ by the divisor alone.
      const [a, b] = models.map((model) => (model.predict(x) as tf.Tensor).norm().dataSync()[0]!);
      const { kernel, controlled } = layerNorms(models[0]!)[0]!;
      assert.ok(controlled < 0.9 * kernel);
      close(controlled / kernel, a! / b!, 1e-5);
      for (const model of models) model.dispose();
    }
  });
}

Deno.test("layerNorms() includes tfjs's own convolutions", () => {
  const z = tf.input({ shape: [8, 8, 3] });
  const down = tf.layers.conv2d({ filters: 5, kernelSize: 3, name: "down" });
  const up = tf.layers.conv2dTranspose({ filters: 2, kernelSize: 4, name: "up" });
  const dense = tf.layers.dense({ units: 2 });
  const y = [down, up, dense].reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, z);
  const model = tf.model({ inputs: z, outputs: y });
  const norms = layerNorms(model);
  assert.deepEqual(norms.map(({ layer }) => layer), ["down", "up"]);
  const [first, second] = [down, up].map((layer) => layer.getWeights()[0]!);
  close(norms[0]!.kernel, largestSingularValue(asRows(first!, 3), 5, 27));
  close(norms[1]!.kernel, largestSingularValue(asRows(second!, 2), 2, 80));
  for (const { kernel, controlled } of norms) assert.equal(kernel, controlled);
  model.dispose();
});
