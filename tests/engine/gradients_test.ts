// The gradients of every supported kernel on tfjs's cpu backend, with the replaced ones, against differences of values.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { normals } from "./_agreement.ts";
import { type Case, CASES, t4 } from "./_cases.ts";

const image = { x: [2, 4, 5, 3] };

/** Where a gradient of one picture could be right and that of several wrong. */
const BATCHES: Case[] = [
  ...([[8, 10], [12, 15], [9, 7], [3, 2]].flatMap((size) =>
    ([[false, false], [true, false], [false, true]] as const).flatMap(([corners, half]): Case[] =>
      (["resizeBilinear", "resizeNearestNeighbor"] as const).map((name): Case => [
        `${name} to ${size}, corners ${corners}, half pixels ${half}`,
        (x) => tf.image[name](t4(x!), size as [number, number], corners, half),
        image,
      ])
    )
  )),
  ...(["reflect", "symmetric"] as const).map((mode): Case => [
    `mirrorPad, ${mode}`,
    (x) => tf.mirrorPad(x!, [[1, 0], [2, 3], [0, 1], [1, 2]], mode),
    image,
  ]),
  ...[1, 2, 3].map((stride): Case => [
    `conv2d, stride ${stride}`,
    (x, w) => tf.conv2d(t4(x!), t4(w!), stride, "same"),
    { ...image, w: [3, 2, 3, 4] },
  ]),
  ["conv2d, even stride and sides", (x, w) => tf.conv2d(t4(x!), t4(w!), [2, 1], "valid"), {
    x: [3, 6, 5, 2],
    w: [3, 3, 2, 2],
  }],
  [
    "conv2dTranspose",
    (x, w) => tf.conv2dTranspose(t4(x!), t4(w!), [2, 8, 10, 2], 2, "same"),
    { ...image, w: [3, 4, 2, 3] },
  ],
  ["matMul, transposed", (a, b) => tf.matMul(a!, b!, true), { a: [2, 5, 4], b: [2, 5, 3] }],
  [
    "sum, mean, max, min",
    (x) => tf.addN([x!.sum([0, 2]), x!.mean([0, 2]), x!.max([0, 2]), x!.min([0, 2])]),
    image,
  ],
  ["concat and split", (x) => tf.concat(tf.split(x!, 2, 0).toReversed(), 3).square(), image],
  ["slice and tile", (x) => tf.tile(x!.slice([1, 1, 0, 2], [1, 2, 4, 1]), [2, 2, 1, 3]), image],
  [
    "transpose and pad",
    (x) => x!.transpose([0, 3, 1, 2]).pad([[1, 0], [0, 2], [1, 1], [0, 0]]),
    image,
  ],
  ["batchNorm", (x, m, v, o, s) =>
    tf.batchNorm(
      t4(x!),
      m as tf.Tensor1D,
      v!.square().add(0.5) as tf.Tensor1D,
      o as tf.Tensor1D,
      s as tf.Tensor1D,
    ), { ...image, m: [3], v: [3], o: [3], s: [3] }],
];

/** Half the step of the central difference: its error is of second order, float32's rounding of minus first. */
const STEP = 5e-4;

/** Chance directions that a gradient is tested along. */
const DIRECTIONS = 4;

function uniform(length: number, seed: number): Float32Array {
  const values = new Float32Array(length);
  random(seed).fillUniform(values, -1, 1);
  return values;
}

for (const [name, f, shapes] of [...CASES, ...BATCHES]) {
  Deno.test(`the gradient of ${name} agrees with differences of its values`, () => {
    // Points without a jump, a kink or a tie as near as the difference reaches.
    const points = Object.values(shapes).map((shape, i) => normals(shape, 60 + i));
    const length = tf.tidy(() => f(...Object.values(shapes).map((shape) => tf.ones(shape))).size);
    const weights = uniform(length, 1);
    const gradient = tf.tidy(() => {
      const loss = (...inputs: tf.Tensor[]) => {
        const y = f(...inputs);
        return y.mul(tf.tensor(weights, y.shape)).sum() as tf.Scalar;
      };
      const inputs = Object.values(shapes).map((shape, i) => tf.tensor(points[i]!, shape));
      return tf.grads(loss)(inputs).map((grad) => grad.dataSync());
    });
    for (let n = 0; n < DIRECTIONS; n++) {
      const directions = points.map(({ length }, i) => uniform(length, 10 + n + 100 * i));
      const valueAt = (at: number): number =>
        tf.tidy(() => {
          const tensors = Object.values(shapes).map((shape, i) =>
            tf.tensor(points[i]!.map((value, k) => value + at * directions[i]![k]!), shape)
          );
          const values = f(...tensors).dataSync<"float32">();
          return values.reduce((sum, value, i) => sum + value * weights[i]!, 0);
        });
      const slope = (valueAt(STEP) - valueAt(-STEP)) / (2 * STEP);
      let along = 0, size = 0;
      gradient.forEach((grad, i) =>
        grad.forEach((value, k) => {
          along += value * directions[i]![k]!;
          size += (value * directions[i]![k]!) ** 2;
        })
      );
      // Relative to the terms' own size: along a chance direction they nearly cancel.
      const error = Math.abs(along - slope) / Math.max(Math.sqrt(size), 1e-3);
      assert.ok(error < 0.01, `${along} along the gradient, ${slope} between values`);
    }
  });
}
