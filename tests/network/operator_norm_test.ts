// The operator norm against the singular values of the convolution as a matrix, in float64.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import { lipschitzControlled, operatorNorm } from "../../lib/network/mod.ts";
import { disagreement, normals } from "../engine/_agreement.ts";
import { largestSingularValue, withSingularValues } from "./_singular_values.ts";

type KernelShape = readonly [side: number, side: number, inputs: number, outputs: number];

/** The matrix of a strided convolution of a periodic picture of `size` x `size` pixels, a row for each value it gives. */
function asMatrix(
  kernel: Float32Array,
  [rows, columns, inputs, outputs]: KernelShape,
  size: number,
  stride: number,
): { matrix: Float64Array; rows: number; columns: number } {
  const small = size / stride, width = size * size * inputs;
  const matrix = new Float64Array(small * small * outputs * width);
  for (let y = 0; y < small; y++) {
    for (let x = 0; x < small; x++) {
      for (let u = 0; u < rows; u++) {
        for (let v = 0; v < columns; v++) {
          const from = (stride * y + u) % size * size + (stride * x + v) % size;
          for (let c = 0; c < inputs; c++) {
            for (let d = 0; d < outputs; d++) {
              const row = (y * small + x) * outputs + d;
              matrix[row * width + from * inputs + c]! +=
                kernel[((u * columns + v) * inputs + c) * outputs + d]!;
            }
          }
        }
      }
    }
  }
  return { matrix, rows: small * small * outputs, columns: width };
}

/** Jacobi's method takes the shorter side as rows. */
function normOf({ matrix, rows, columns }: ReturnType<typeof asMatrix>): number {
  if (rows <= columns) return largestSingularValue(matrix, rows, columns);
  const turned = matrix.map((_, i) => matrix[i % rows * columns + Math.floor(i / rows)]!);
  return largestSingularValue(turned, columns, rows);
}

const measured = (kernel: Float32Array, shape: KernelShape, stride: number): number =>
  tf.tidy(() => operatorNorm(tf.tensor4d(kernel, [...shape]), stride).dataSync()[0]!);

for (
  const [shape, stride] of [
    [[3, 3, 1, 2], 1],
    [[3, 3, 2, 1], 1],
    [[5, 3, 1, 1], 1],
    [[1, 1, 2, 2], 1],
    [[3, 3, 1, 2], 2],
    [[1, 1, 2, 1], 2],
    // The kernel of a transposed convolution to one channel, from two.
    [[4, 4, 1, 2], 2],
  ] as [KernelShape, number][]
) {
  Deno.test(`operatorNorm() is that of the matrix of a periodic 8x8 picture: ${shape}, stride ${stride}`, () => {
    const kernel = normals(shape, 3);
    const expected = normOf(asMatrix(kernel, shape, 8 * stride, stride));
    const error = Math.abs(measured(kernel, shape, stride) / expected - 1);
    assert.ok(error < 1e-5, `relative error ${error}`);
  });
}

Deno.test("operatorNorm() is at most 1.18 times too low between its frequencies, and never too high", () => {
  const shape = [3, 3, 1, 1] as const, fine = 64;
  let worst = 1;
  for (let seed = 1; seed <= 40; seed++) {
    const kernel = normals(shape, seed);
    let largest = 0;
    for (let a = 0; a < fine; a++) {
      for (let b = 0; b < fine; b++) {
        let re = 0, im = 0;
        for (let i = 0; i < 9; i++) {
          const phase = 2 * Math.PI * (a * Math.floor(i / 3) + b * (i % 3)) / fine;
          re += kernel[i]! * Math.cos(phase);
          im -= kernel[i]! * Math.sin(phase);
        }
        largest = Math.max(largest, Math.hypot(re, im));
      }
    }
    const ratio = largest / measured(kernel, shape, 1);
    assert.ok(ratio > 1 - 1e-5 && ratio < 1 / Math.cos(Math.PI / 8) ** 2, `${ratio}`);
    worst = Math.max(worst, ratio);
  }
  assert.ok(worst > 1.01, "no kernel has its maximum between the frequencies");
});

Deno.test("operatorNorm() separates the largest singular value from 63 that are 0.3 % smaller", () => {
  const values = [1, ...Array<number>(63).fill(0.997)];
  const error = Math.abs(measured(withSingularValues(values), [1, 1, 64, 64], 1) - 1);
  assert.ok(error < 1e-5, `${error}`);
});

Deno.test("operatorNorm() of zeros is 0", () => {
  assert.equal(measured(new Float32Array(3 * 3 * 4 * 5), [3, 3, 4, 5], 1), 0);
});

Deno.test("operatorNorm() is the same natively", async () => {
  for (const stride of [1, 2]) {
    const error = await disagreement(
      ({ kernel }) => ({ norm: operatorNorm(kernel as tf.Tensor4D, stride) }),
      { kernel: [3, 3, 5, 4] },
    );
    assert.ok(error < 1e-5, `${error}`);
  }
});

Deno.test("a kernel controlled by its operator norm has that norm, and a gradient divided alike", () => {
  const shape = [3, 3, 1, 2] as const, lambda = 0.7;
  const values = normals(shape, 6), norm = normOf(asMatrix(values, shape, 8, 1));
  const control = (w: tf.Tensor) => lipschitzControlled(w as tf.Tensor4D, lambda, operatorNorm);
  tf.tidy(() => {
    const kernel = tf.tensor4d(values, [...shape]);
    const controlled = control(kernel).dataSync<"float32">();
    assert.ok(Math.abs(normOf(asMatrix(controlled, shape, 8, 1)) / lambda - 1) < 1e-5);
    const gradient = tf.grad((w) => control(w).sum())(kernel).dataSync();
    gradient.forEach((g) => assert.ok(Math.abs(g * norm / lambda - 1) < 1e-5, `${g}`));
  });
});
