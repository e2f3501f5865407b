// Impulse responses against impulses computed one by one.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import {
  bilinearUpsampling,
  deepDecoder,
  gaussianKernel,
  gaussianUpsampling,
  lowPassUpsampling,
  nearestUpsampling,
  transposedConvolution,
  type Upsampling,
} from "../../lib/network/mod.ts";
import { fourier, isotropicRings } from "../../lib/spectrum/mod.ts";
import { layerResponses, upsamplingResponse } from "../../lib/tangent/mod.ts";

const close = (actual: number, expected: number, by = 1e-6) =>
  assert.ok(Math.abs(actual - expected) < by, `${actual} ${expected}`);

Deno.test("upsamplingResponse() measures the kernels that are known, and their transforms", () => {
  const near = upsamplingResponse(nearestUpsampling() as Upsampling);
  assert.deepEqual(near.kernel, [1, 1]);
  near.frequency.forEach((f, i) => close(near.response[i]!, Math.cos(Math.PI * f)));
  const linear = upsamplingResponse(bilinearUpsampling() as Upsampling);
  linear.frequency.forEach((f, i) => close(linear.response[i]!, Math.cos(Math.PI * f) ** 3));
});

Deno.test("upsamplingResponse() of a Gaussian of unit gain is the closed form of its five taps", () => {
  for (const sigma of [0.3, 0.5, 1]) {
    const { kernel, frequency, response } = upsamplingResponse(
      gaussianUpsampling({ sigma, kernelSum: "unit" }) as Upsampling,
    );
    const q = Math.exp(-1 / (2 * sigma ** 2)), even = 1 + 2 * q;
    [q / even, 0.5, 1 / even, 0.5, q / even].forEach((tap, i) => close(kernel[i]!, tap));
    // The layer's own two-dimensional kernel is the product of these.
    close(gaussianKernel(sigma, "unit")[7]!, kernel[1]! * kernel[2]!);
    frequency.forEach((f, i) => {
      const expected = Math.cos(2 * Math.PI * f) + (1 + 2 * q * Math.cos(4 * Math.PI * f)) / even;
      close(response[i]!, Math.abs(expected) / 2);
    });
  }
});

Deno.test("upsamplingResponse() shows that low-pass upsampling removes the image, and that the paper's kernel attenuates", () => {
  const sharp = upsamplingResponse(lowPassUpsampling());
  const at = (f: number) => sharp.response[sharp.frequency.indexOf(f)]!;
  assert.ok(at(0.1) > 0.95 && at(0.4) < 0.05, `${at(0.1)} ${at(0.4)}`);
  // 1 in place of 4: half along each axis.
  close(upsamplingResponse(gaussianUpsampling({ sigma: 0.5 }) as Upsampling).response[0]!, 0.5);
  assert.throws(
    () => upsamplingResponse(transposedConvolution() as Upsampling),
    /RangeError: `upsampling`/,
  );
});

Deno.test("layerResponses() is the mean over single impulses", async () => {
  const network = deepDecoder({ channels: 3, scales: 1 })
    .build({ height: 8, width: 8, channels: 1 }, 1);
  const rings = isotropicRings(8, 8, 2), { model, input } = network;
  const responses = await layerResponses(network, rings, { probes: 400, threads: 1 });
  const layer = model.getLayer("stage0_conv"), z = tf.tensor(input.values, [...input.shape]);
  const outputOf = (change: tf.Tensor) => {
    const call = layer.call.bind(layer);
    layer.call = (...args) => (call(...args) as tf.Tensor).add(change);
    try {
      const output = tf.tidy(() => model.apply(z) as tf.Tensor);
      const values = output.dataSync<"float32">();
      output.dispose();
      return Float64Array.from(values);
    } finally {
      delete (layer as { call?: unknown }).call;
    }
  };
  const shape = [1, ...(layer.outputShape as number[]).slice(1)], step = 1e-4;
  const places = shape.reduce((a, b) => a * b), sums = [0, 0], counts = [...rings.sizes];
  counts[0]! -= 1;
  for (let place = 0; place < places; place++) {
    const [more, less] = [step, -step].map((by) => {
      const impulse = new Float32Array(places);
      impulse[place] = by;
      return outputOf(tf.tensor(impulse, shape));
    });
    const response = more!.map((value, i) => (value - less![i]!) / (2 * step));
    const { real, imaginary } = fourier(response, 8, 8);
    for (let i = 1; i < real.length; i++) {
      const u = i % 5, copies = u === 0 || u === 4 ? 1 : 2;
      sums[rings.of[i]!]! += copies * (real[i]! ** 2 + imaginary[i]! ** 2) / 64;
    }
  }
  const { bands } = responses.find(({ layer }) => layer === "stage0_conv")!;
  bands.forEach((power, ring) => {
    const expected = sums[ring]! / counts[ring]! / places;
    // Random waves: 400 of them leave some per cent.
    assert.ok(Math.abs(power / expected - 1) < 0.15, `${power} ${expected}`);
  });
  z.dispose();
  model.dispose();
});
