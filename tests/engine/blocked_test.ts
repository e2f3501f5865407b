// Pictures in blocks of channels: every operation agrees with tfjs's cpu backend.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import { disagreement, normals, withGradients } from "./_agreement.ts";

type Image = tf.Tensor4D;
type Shapes = Record<string, readonly number[]>;

const image = (x: tf.Tensor) => x as Image;
const padded = (x: tf.Tensor, [rows, columns] = [1, 1]) =>
  tf.mirrorPad(image(x), [[0, 0], [rows!, rows!], [columns!, columns!], [0, 0]], "reflect");
const convolved = (x: tf.Tensor, w: tf.Tensor, stride = 1, pad: "valid" | "same" = "valid") =>
  tf.conv2d(image(x), w as tf.Tensor4D, stride, pad);

/** Applies to a picture of 16 channels in the middle of two convolutions, which keep it in blocks. */
const between = (f: (x: tf.Tensor) => tf.Tensor) => (x: tf.Tensor, w: tf.Tensor, v: tf.Tensor) =>
  convolved(f(convolved(x, w)), v);
const pointwise = (inside: number): Shapes => ({
  x: [1, 6, 8, 32],
  w: [1, 1, 32, 16],
  v: [1, 1, inside, 32],
});

/** A function of tensors and the shapes it is tried at. */
const cases: [name: string, f: (...inputs: tf.Tensor[]) => tf.Tensor, shapes: Shapes][] = [
  ["3x3", (x, w) => convolved(x, w), { x: [1, 7, 9, 16], w: [3, 3, 16, 16] }],
  ["3x3, several blocks", (x, w) => convolved(x, w), { x: [1, 6, 5, 48], w: [3, 3, 48, 80] }],
  ["3x3, zeros around", (x, w) => convolved(x, w, 1, "same"), {
    x: [1, 5, 6, 16],
    w: [3, 3, 16, 32],
  }],
  ["3x3, stride 2", (x, w) => convolved(padded(x), w, 2), { x: [1, 8, 6, 16], w: [3, 3, 16, 32] }],
  ["3x3, stride 2, odd sides", (x, w) => convolved(padded(x), w, 2), {
    x: [1, 7, 9, 16],
    w: [3, 3, 16, 16],
  }],
  ["3x3, mirrored", (x, w) => convolved(padded(x), w), { x: [1, 6, 7, 32], w: [3, 3, 32, 16] }],
  ["3x3, mirrored, of 2 pixels", (x, w) => convolved(padded(x), w), {
    x: [1, 2, 3, 16],
    w: [3, 3, 16, 16],
  }],
  ["5x3, mirrored", (x, w) => convolved(padded(x, [2, 1]), w), {
    x: [1, 6, 7, 16],
    w: [5, 3, 16, 16],
  }],
  ["3x3, many rows", (x, w) => convolved(padded(x), w), { x: [1, 96, 40, 16], w: [3, 3, 16, 16] }],
  ["2x2", (x, w) => convolved(x, w), { x: [1, 6, 7, 16], w: [2, 2, 16, 16] }],
  ["1x1", (x, w) => convolved(x, w), { x: [1, 5, 3, 32], w: [1, 1, 32, 48] }],
  ["1x1, stride 2", (x, w) => convolved(x, w, 2), { x: [1, 6, 4, 16], w: [1, 1, 16, 16] }],
  ["two pictures", (x, w) => convolved(padded(x), w), { x: [2, 5, 4, 16], w: [3, 3, 16, 32] }],
  ["from 3 channels", (x, w, v) => convolved(convolved(padded(x), w), v), {
    x: [1, 6, 5, 3],
    w: [3, 3, 3, 16],
    v: [1, 1, 16, 16],
  }],
  ["from 3 channels, stride 2", (x, w, v) => convolved(convolved(padded(x), w, 2), v), {
    x: [1, 6, 8, 3],
    w: [3, 3, 3, 16],
    v: [1, 1, 16, 16],
  }],
  ["from 20 channels", (x, w, v) => convolved(convolved(padded(x), w), v), {
    x: [1, 6, 5, 20],
    w: [3, 3, 20, 16],
    v: [1, 1, 16, 16],
  }],
  ["to 3 channels", (x, w, v) => convolved(convolved(x, w), v), {
    x: [1, 6, 5, 16],
    w: [3, 3, 16, 32],
    v: [1, 1, 32, 3],
  }],
  ["to 3 channels, 3x3", (x, w, v) => convolved(convolved(x, w), v), {
    x: [1, 6, 5, 16],
    w: [1, 1, 16, 32],
    v: [3, 3, 32, 3],
  }],
  ["to 20 channels", (x, w, v) => convolved(convolved(x, w), v), {
    x: [1, 6, 5, 16],
    w: [1, 1, 16, 32],
    v: [3, 3, 32, 20],
  }],
  [
    "transposed",
    (x, w) => tf.conv2dTranspose(image(x), w as tf.Tensor4D, [1, 8, 10, 16], 2, "same"),
    {
      x: [1, 4, 5, 32],
      w: [4, 4, 16, 32],
    },
  ],
  ["one filter twice", (x, w) => convolved(convolved(x, w), w), {
    x: [1, 7, 7, 16],
    w: [3, 3, 16, 16],
  }],
  ["a filter with a norm", (x, w) => convolved(x, w.div(w.square().sum([0, 1, 2], true).sqrt())), {
    x: [1, 6, 5, 16],
    w: [3, 3, 16, 32],
  }],
  ["bias", between((x) => x.add(tf.tensor1d(normals([16], 5)))), pointwise(16)],
  [
    "a scale and a shift of each channel, activated",
    between((x) => {
      const channel = x.mean([0, 1, 2]), deviation = x.square().mean([0, 1, 2]).sqrt();
      return tf.leakyRelu(x.sub(channel).mul(deviation).add(channel), 0.2);
    }),
    pointwise(16),
  ],
  [
    "what varies from channel to channel",
    between((x) => x.div(x.square().mean([0, 1, 2]).add(1))),
    pointwise(16),
  ],
  ["what varies from pixel to pixel", between((x) => x.mul(x.mean(3, true))), pointwise(16)],
  [
    "sums over all",
    between((x) => x.sub(x.mean()).mul(x.sum([1, 3], true).add(x.max([1], true)))),
    pointwise(16),
  ],
  [
    "a scale and a shift of each channel, mirrored",
    (x, w, v) => {
      const y = convolved(x, w), mean = y.mean([0, 1, 2]);
      return convolved(padded(y.mul(mean).sub(mean)), v);
    },
    { x: [1, 6, 8, 32], w: [1, 1, 32, 16], v: [3, 3, 16, 16] },
  ],
  [
    "a shift of each channel, activated and mirrored by 2 and 1",
    (x, w, v) => {
      const y = convolved(x, w);
      return convolved(padded(tf.relu(y.add(y.mean([0, 1, 2]))), [2, 1]), v);
    },
    { x: [2, 6, 8, 16], w: [1, 1, 16, 16], v: [5, 3, 16, 16] },
  ],
  ["relu", between((x) => tf.relu(x)), pointwise(16)],
  [
    "joined and cut",
    between((x) =>
      tf.concat([x, x.neg(), x.slice([0, 0, 0, 8], [-1, -1, -1, 8])], 3).slice([0, 1, 2, 0], [
        -1,
        4,
        4,
        40,
      ]).pad([[0, 0], [0, 0], [0, 0], [0, 8]])
    ),
    pointwise(48),
  ],
  [
    "joined in whole blocks and cut",
    between((x) => tf.concat([x, x.square()], 3).slice([0, 1, 2, 16], [-1, 4, 4, 16])),
    pointwise(16),
  ],
  ["joined along a side", between((x) => tf.concat([x, x.square()], 1)), pointwise(16)],
  ["padded", between((x) => x.pad([[0, 0], [1, 2], [3, 0], [0, 0]])), pointwise(16)],
  [
    "mirrored with the edge",
    between((x) => tf.mirrorPad(x, [[0, 0], [1, 1], [1, 0], [0, 0]], "symmetric")),
    pointwise(16),
  ],
  ["turned", between((x) => x.transpose([0, 2, 1, 3])), pointwise(16)],
  ["reshaped", between((x) => x.reshape([1, 8, 6, 16])), pointwise(16)],
  ["tiled", between((x) => x.tile([1, 2, 1, 3])), pointwise(48)],
  [
    "doubled bilinearly",
    between((x) => tf.image.resizeBilinear(image(x), [12, 16], false, true)),
    pointwise(16),
  ],
  [
    "resized bilinearly",
    between((x) => tf.image.resizeBilinear(image(x), [7, 16], true)),
    pointwise(16),
  ],
  [
    "tripled bilinearly",
    between((x) => tf.image.resizeBilinear(image(x), [18, 8], false, true)),
    pointwise(16),
  ],
  ["repeated", between((x) => tf.image.resizeNearestNeighbor(image(x), [12, 24])), pointwise(16)],
];

for (const [name, f, shapes] of cases) {
  Deno.test(`in blocks: ${name}`, async () => {
    const error = await disagreement(withGradients(f), shapes);
    assert.ok(error < 2e-6, `${error}`);
  });
}
