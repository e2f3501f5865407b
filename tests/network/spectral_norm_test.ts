// The spectral norm against the eigenvalues of W Wᵀ by Jacobi's method, in float64.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import { lipschitzControlled, spectralNorm } from "../../lib/network/mod.ts";
import { normals } from "../engine/_agreement.ts";

/** The largest singular value of a `[rows, columns]` matrix, rows <= columns, by cyclic Jacobi rotations of its Gram matrix. */
function largestSingularValue(w: Float32Array, rows: number, columns: number): number {
  const g = Array.from({ length: rows }, (_, i) =>
    Float64Array.from({ length: rows }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += w[i * columns + k]! * w[j * columns + k]!;
      return sum;
    }));
  const trace = g.reduce((sum, row, i) => sum + row[i]!, 0);
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    for (let p = 0; p < rows; p++) {
      for (let q = p + 1; q < rows; q++) {
        const apq = g[p]![q]!;
        off += apq * apq;
        if (Math.abs(apq) < 1e-18 * trace) continue;
        const theta = (g[q]![q]! - g[p]![p]!) / (2 * apq);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1), s = t * c;
        for (const row of g) {
          const [a, b] = [row[p]!, row[q]!];
          row[p] = c * a - s * b;
          row[q] = s * a + c * b;
        }
        const [rowP, rowQ] = [g[p]!, g[q]!];
        for (let k = 0; k < rows; k++) {
          const [a, b] = [rowP[k]!, rowQ[k]!];
          rowP[k] = c * a - s * b;
          rowQ[k] = s * a + c * b;
        }
      }
    }
    if (Math.sqrt(off) < 1e-13 * trace) break;
  }
  return Math.sqrt(Math.max(0, ...g.map((row, i) => row[i]!)));
}

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

/** A matrix with the singular values given: they are turned by Householder reflections on both sides. */
function withSingularValues(values: readonly number[]): Float32Array {
  const n = values.length;
  const w = Array.from(
    { length: n },
    (_, i) => Array.from({ length: n }, (_, j) => i === j ? values[i]! : 0),
  );
  for (const seed of [1, 2, 3]) {
    const v = normals([n], seed), size = v.reduce((sum, x) => sum + x * x, 0);
    const reflect = (vector: number[]) => {
      const along = 2 * vector.reduce((sum, x, i) => sum + x * v[i]!, 0) / size;
      return vector.map((x, i) => x - along * v[i]!);
    };
    for (let i = 0; i < n; i++) w[i] = reflect(w[i]!);
    for (let j = 0; j < n; j++) reflect(w.map((row) => row[j]!)).forEach((x, i) => w[i]![j] = x);
  }
  return Float32Array.from(w.flat());
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
