// The tangent kernel against finite differences, and its predictions against a linear network.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import { decoder, type Network, variablesOf } from "../../lib/network/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { bandCorrespondence, fourier, isotropicRings } from "../../lib/spectrum/mod.ts";
import {
  bandEigenvalues,
  gradientDescent,
  largestEigenvalue,
  predictedDescent,
  tangentKernel,
} from "../../lib/tangent/mod.ts";

const threads = 1;

/** A network of two weights and three pixels that is linear in its weights: f = Z w. */
function linear(): Network {
  const z = tf.input({ shape: [1, 3, 2] });
  const layer = tf.layers.conv2d({ filters: 1, kernelSize: 1, useBias: false });
  const model = tf.model({ inputs: z, outputs: layer.apply(z) as tf.SymbolicTensor });
  model.setWeights([tf.tensor([0.5, -1], [1, 1, 2, 1])]);
  return { model, input: { shape: [1, 1, 3, 2], values: Float32Array.of(1, 2, 0, 1, 3, -1) } };
}

const close = (actual: ArrayLike<number>, expected: readonly number[], by = 1e-5) => {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) =>
    assert.ok(Math.abs(actual[i]! - value) < by, `${actual[i]} ${value}`)
  );
};

Deno.test("the kernel of f = Z w is Z Zᵀ", async () => {
  const network = linear();
  const { output, kernel, size } = await tangentKernel(network, { threads });
  assert.equal(size, 3);
  close(output, [0.5 - 2, -1, 1.5 + 1]);
  // Rows of Z: (1, 2), (0, 1), (3, -1).
  close(kernel, [5, 2, 1, 2, 1, -1, 1, -1, 10]);
  network.model.dispose();
});

Deno.test("the kernel of a network is that of differences of its output by each weight", async () => {
  const network = decoder({ channels: 2, scales: 1, inputChannels: 2 })
    .build({ height: 4, width: 4, channels: 1 }, 1);
  const { kernel } = await tangentKernel(network, { threads });
  const { model, input } = network, z = tf.tensor(input.values, [...input.shape]);
  const outputOf = () => {
    const output = tf.tidy(() => model.apply(z) as tf.Tensor),
      values = output.dataSync<"float32">();
    output.dispose();
    return Float64Array.from(values);
  };
  const expected = new Float64Array(16 * 16), step = 1e-3;
  for (const variable of variablesOf(model)) {
    const start = variable.dataSync<"float32">().slice();
    for (let i = 0; i < start.length; i++) {
      const [more, less] = [step, -step].map((by) => {
        const moved = start.slice();
        moved[i]! += by;
        tf.tidy(() => variable.assign(tf.tensor(moved, variable.shape)));
        return outputOf();
      });
      tf.tidy(() => variable.assign(tf.tensor(start, variable.shape)));
      const slope = more!.map((value, p) => (value - less![p]!) / (2 * step));
      for (let p = 0; p < 16; p++) {
        for (let q = 0; q < 16; q++) expected[p * 16 + q]! += slope[p]! * slope[q]!;
      }
    }
  }
  const scale = Math.max(...expected);
  kernel.forEach((value, i) =>
    assert.ok(Math.abs(value - expected[i]!) < 0.02 * scale, `${value} ${expected[i]}`)
  );
  z.dispose();
  model.dispose();
});

Deno.test("gradient descent of a linear network is what its kernel predicts, at every iteration", async () => {
  const network = linear();
  const tangent = await tangentKernel(network, { threads });
  const options = { target: Float32Array.of(1, 0, -1), rate: 0.05, at: [0, 1, 2, 7, 40], threads };
  const predicted = await predictedDescent(tangent, options);
  const trained = await gradientDescent(network, options);
  trained.forEach((output, i) => close(output, [...predicted[i]!], 1e-4));
  // Training leaves the model as it was.
  close(variablesOf(network.model)[0]!.dataSync(), [0.5, -1]);
  network.model.dispose();
});

/** A basis of the real pictures of a size: cos and sin of every wave, each of length 1, and its ring. */
function waves(side: number, ringOf: ArrayLike<number>, columns: number) {
  const basis: { wave: Float64Array; ring: number }[] = [];
  for (let v = 0; v < side; v++) {
    for (let u = 0; u < columns; u++) {
      // In these columns a wave and its mirror image are one.
      const isHalf = u === 0 || 2 * u === side, mirrored = (side - v) % side;
      if (isHalf && mirrored < v) continue;
      for (const part of [Math.cos, Math.sin]) {
        const wave = Float64Array.from({ length: side * side }, (_, p) => {
          const y = Math.floor(p / side), x = p % side;
          return part(2 * Math.PI * (v * y + u * x) / side);
        });
        const length = Math.sqrt(wave.reduce((sum, value) => sum + value * value, 0));
        if (length < 1e-6) continue;
        basis.push({ wave: wave.map((value) => value / length), ring: ringOf[v * columns + u]! });
      }
    }
  }
  return basis;
}

Deno.test("H of a network that is linear rises as 1 - (1 - rate a²)^t, predicted and trained", async () => {
  const side = 8, pixels = side * side, rings = isotropicRings(side, side, 3);
  const basis = waves(side, rings.of, rings.columns);
  assert.equal(basis.length, pixels);
  // A weight for each wave: a change of it by 1 changes the picture by `a` times the wave.
  const heights = [1, 0.5, 0.2], corners = 0.1;
  const values = Float32Array.from({ length: pixels * pixels }, (_, i) => {
    const { wave, ring } = basis[i % pixels]!;
    return (heights[ring] ?? corners) * wave[Math.floor(i / pixels)]!;
  });
  const z = tf.input({ shape: [side, side, pixels] });
  const layer = tf.layers.conv2d({
    filters: 1,
    kernelSize: 1,
    useBias: false,
    kernelInitializer: "zeros",
  });
  const model = tf.model({ inputs: z, outputs: layer.apply(z) as tf.SymbolicTensor });
  const network = { model, input: { shape: [1, side, side, pixels], values } };
  const target = new Float32Array(pixels);
  random(1).fillNormal(target, 1);
  const options = { target, rate: 0.5, at: [1, 2, 5, 30], threads };
  const Y = fourier(target, side, side);
  const tangent = await tangentKernel(network, { threads });
  for (
    const outputs of [
      await predictedDescent(tangent, options),
      await gradientDescent(network, options),
    ]
  ) {
    outputs.forEach((output, i) =>
      close(
        bandCorrespondence(fourier(output, side, side), Y, rings),
        heights.map((a) => 1 - (1 - options.rate * a * a) ** options.at[i]!),
        1e-4,
      )
    );
  }
  model.dispose();
});

Deno.test("bandEigenvalues() is the mean of vᵀ Θ v over a band's waves", () => {
  const rings = isotropicRings(6, 8, 2), size = 48;
  const A = new Float32Array(size * size), kernel = new Float32Array(size * size);
  random(1).fillNormal(A, 1);
  for (let p = 0; p < size; p++) {
    for (let q = 0; q < size; q++) {
      for (let k = 0; k < size; k++) kernel[p * size + q]! += A[p * size + k]! * A[q * size + k]!;
    }
  }
  // Θ = A Aᵀ: vᵀ Θ v is the power of the columns of A in v, so the band's sum is theirs in the band.
  const sums = [0, 0], counts = [...rings.sizes];
  counts[0]! -= 1;
  for (let k = 0; k < size; k++) {
    const column = Array.from({ length: size }, (_, p) => A[p * size + k]!);
    const { real, imaginary } = fourier(column, 6, 8);
    for (let i = 1; i < real.length; i++) {
      const u = i % 5, copies = u === 0 || u === 4 ? 1 : 2;
      sums[rings.of[i]!]! += copies * (real[i]! ** 2 + imaginary[i]! ** 2) / size;
    }
  }
  const rates = bandEigenvalues({ kernel, size, output: new Float32Array(size) }, rings);
  close(rates, sums.map((sum, i) => sum / counts[i]!), 1e-3);
});

Deno.test("largestEigenvalue() is that of a matrix whose eigenvalues are known", () => {
  // 2 on the diagonal, 1 beside: eigenvalues 1 and 3.
  const tangent = { kernel: Float32Array.of(2, 1, 1, 2), size: 2, output: new Float32Array(2) };
  assert.ok(Math.abs(largestEigenvalue(tangent) - 3) < 1e-6);
});

Deno.test("arguments that do not match are refused by name", async () => {
  const tangent = { kernel: Float32Array.of(1), size: 1, output: Float32Array.of(0) };
  const target = Float32Array.of(1);
  await assert.rejects(
    predictedDescent(tangent, { target: new Float32Array(2), rate: 1, at: [1], threads }),
    /RangeError: `target`/,
  );
  await assert.rejects(
    predictedDescent(tangent, { target, rate: 1, at: [3, 2], threads }),
    /RangeError: `at`/,
  );
  assert.throws(() => bandEigenvalues(tangent, isotropicRings(4, 4)), /RangeError: `rings`/);
  const large = decoder().build({ height: 64, width: 64, channels: 3 }, 1);
  await assert.rejects(tangentKernel(large, { threads }), /RangeError: `network`/);
  large.model.dispose();
});
