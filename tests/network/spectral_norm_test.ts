// The spectral norm against the eigenvalues of W Wᵀ by Jacobi's method, in float64.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import { lipschitzControlled, spectralNorm } from "../../lib/network/mod.ts";
import { normals } from "../engine/_agreement.ts";
import { largestSingularValue, withSingularValues } from "./_singular_values.ts";

/** A kernel `[side, side, in, out]` from its matrix `[out, in * side²]`, columns ordered as PyTorch's. */
function kernelOf(w: Float32Array, out: number, inputs: number, side: number): tf.Tensor4D {
  return tf.tensor4d(w, [out, inputs, side, side]).transpose([2, 3, 1, 0]);
}

function assertNorm(w: Float32Array, out: number, inputs: number, side: number): void {
  const expected = largestSingularValue(w, out, inputs * side * side);
  const actual = tf.tidy(() => spectralNorm(kernelOf(w, out, inputs, side)).dataSync()[0]!);
  const error = Math.abs(actual / expected - 1);
  assert.ok(error < 1e-5, `${actual} instead of ${expected}`);
}

for (
  const [out, inputs, side] of [[4, 3, 3], [1, 5, 3], [12, 12, 3], [16, 64, 1], [32, 7, 5], [
    128,
    128,
    3,
  ]] as const
) {
  Deno.test(`spectralNorm() is that of Jacobi's method: ${out} x ${inputs} x ${side}²`, () => {
    assertNorm(normals([out, inputs, side, side], out), out, inputs, side);
  });
}

const SPECTRA: Record<string, number[]> = {
  "two within 1e-3": [1, 0.999, 0.5, 0.3, 0.1],
  "two within 1e-5": [1, 0.99999, 0.5, 0.3, 0.1],
  "two equal": [1, 1, 0.5, 0.1],
  "all equal": Array<number>(16).fill(0.7),
  "rank 1": [3, 0, 0, 0, 0, 0],
  "far apart": [1, 1e-3, 1e-6, 1e-9],
  "very small": [1e-6, 5e-7, 1e-7],
  "very large": [1e6, 5e5, 1e5],
  ...Object.fromEntries(
    [1e-3, 1e-4, 3e-5, 1e-5, 4e-6].map((gap) => [
      `the largest and 63 below it by ${gap}`,
      [1, ...Array<number>(63).fill(1 - gap)],
    ]),
  ),
};

for (const [name, values] of Object.entries(SPECTRA)) {
  Deno.test(`spectralNorm() is that of Jacobi's method: singular values ${name}`, () => {
    assertNorm(withSingularValues(values), values.length, values.length, 1);
  });
}

Deno.test("spectralNorm() of zeros is 0", () => {
  const norm = tf.tidy(() => spectralNorm(tf.zeros([3, 3, 4, 5])).dataSync()[0]!);
  assert.equal(norm, 0);
});

Deno.test("lipschitzControlled() keeps the norm at most lambda, and changes nothing below it", () => {
  for (const [out, inputs] of [[4, 3], [24, 16]] as const) {
    const w = normals([out, inputs, 3, 3], 5);
    const norm = largestSingularValue(w, out, inputs * 9);
    for (const lambda of [0.1, 1, 0.99 * norm, 1.01 * norm, 100]) {
      const kernel = kernelOf(w, out, inputs, 3);
      const controlled = lipschitzControlled(kernel, lambda);
      if (lambda > norm) {
        assert.deepEqual(controlled.dataSync(), kernel.dataSync());
      } else {
        const flat = controlled.transpose([3, 2, 0, 1]).dataSync<"float32">();
        const error = largestSingularValue(flat, out, inputs * 9) / lambda - 1;
        assert.ok(Math.abs(error) < 1e-5, `${error} at lambda ${lambda}`);
      }
    }
  }
});
