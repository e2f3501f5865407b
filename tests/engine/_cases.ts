// Functions that together use every supported kernel that has a gradient.
import { tf } from "../../lib/engine/mod.ts";

/** A function of tensors, and the shapes to call it with; the pictures among them are `[1, H, W, C]`. */
export type Case = [
  name: string,
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
  shapes: Record<string, number[]>,
];

/** A small picture, and two. */
export const image = { x: [1, 6, 5, 3] };
export const pair = { a: [1, 6, 5, 3], b: [1, 6, 5, 3] };
/** For tfjs's types. */
export const t4 = (x: tf.Tensor) => x as tf.Tensor4D;

/** Every supported kernel that has a gradient. */
export const CASES: Case[] = [
  ["add", (a, b) => a!.add(b!), pair],
  ["sub, broadcast over channels", (a, b) => a!.sub(b!), { a: [1, 6, 5, 3], b: [3] }],
  ["sub, broadcast from the left", (a, b) => a!.sub(b!), { a: [3], b: [1, 6, 5, 3] }],
  ["mul, broadcast over rows", (a, b) => a!.mul(b!), { a: [1, 6, 5, 3], b: [1, 6, 1, 1] }],
  ["mul, broadcast over a matrix", (a, b) => a!.mul(b!), { a: [4, 6, 5, 3], b: [5, 3] }],
  ["div", (a, b) => a!.div(b!.square().add(1)), pair],
  ["div by a number", (a) => a!.div(3), image],
  ["maximum, minimum", (a, b) => a!.maximum(b!).add(a!.minimum(b!.mul(0.5))), pair],
  ["squaredDifference", (a, b) => tf.squaredDifference(a!, b!), pair],
  ["pow", (a) => a!.abs().add(0.5).pow(1.7), image],
  ["addN", (a, b) => tf.addN([a!, b!, a!]), pair],
  ["where", (a, b) => {
    const alternating = tf.range(0, a!.size).sin().reshape(a!.shape).greater(0);
    return tf.where(alternating, a!.mul(2), b!);
  }, pair],
  ["toInt", (a) => a!.mul(3).toInt().toFloat().mul(a!), image],
  ...(["abs", "neg", "square", "exp", "sin", "cos", "tanh", "sigmoid", "softplus", "erf"] as const)
    .map((op): Case => [op, (x) => (tf[op] as (x: tf.Tensor) => tf.Tensor)(x!), image]),
  ["sqrt, rsqrt, log, reciprocal of positive numbers", (x) => {
    const p = x!.square().add(0.3);
    return tf.addN([p.sqrt(), p.rsqrt(), p.log(), p.reciprocal()]);
  }, image],
  ["sign, floor, step", (x) => tf.addN([x!.sign(), x!.floor(), x!.step()]).mul(x!), image],
  ["relu, relu6", (x) => tf.relu(x!).add(tf.relu6(x!.mul(5))), image],
  ["elu", (x) => tf.elu(x!), image],
  ["leakyRelu", (x) => tf.leakyRelu(x!, 0.2), image],
  ["clipByValue", (x) => x!.clipByValue(-0.5, 0.7), image],
  ["sum over axes", (x) => x!.sum([1, 2]), image],
  ["sum of a broken set of axes", (x) => x!.sum([0, 2]), { x: [2, 6, 5, 3] }],
  ["mean, keeping dimensions", (x) => x!.sub(x!.mean([1, 2], true)), image],
  ["mean over channels", (x) => x!.mean(3), image],
  ["mean of everything", (x) => x!.mean().mul(x!), image],
  ["max, min", (x) => x!.max([1]).add(x!.min([1])), image],
  ["reshape of an image", (x) => t4(x!).reshape([30, 3]).mul(2).reshape([1, 5, 6, 3]), image],
  ["expandDims, squeeze", (x) => x!.squeeze().expandDims(2).sin(), image],
  ["transpose", (x) => x!.transpose([3, 1, 0, 2]).sin(), image],
  ["concat on channels", (a, b) => tf.concat([a!, b!.mul(2)], 3), {
    a: [1, 6, 5, 3],
    b: [1, 6, 5, 2],
  }],
  ["slice", (x) => x!.slice([0, 1, 2, 1], [1, 4, 2, 2]).sin(), image],
  ["split", (x) => tf.split(x!, [1, 2], 3)[1]!.sin(), image],
  ["tile", (x) => tf.tile(x!, [1, 2, 1, 3]).sin(), image],
  ["pad", (x) => x!.pad([[0, 0], [1, 2], [0, 3], [0, 0]], 0.4).sin(), image],
  [
    "mirrorPad, reflect by 1",
    (x) => tf.mirrorPad(x!, [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect"),
    image,
  ],
  [
    "mirrorPad, reflect by 2 and 1",
    (x) => tf.mirrorPad(x!, [[0, 0], [2, 1], [0, 2], [0, 0]], "reflect"),
    { x: [1, 9, 8, 2] },
  ],
  [
    "mirrorPad of a side of 2",
    (x) => tf.mirrorPad(x!, [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect"),
    { x: [1, 2, 3, 4] },
  ],
  [
    "mirrorPad, symmetric by 1",
    (x) => tf.mirrorPad(x!, [[0, 0], [1, 1], [1, 1], [0, 0]], "symmetric"),
    image,
  ],
  ["matMul", (a, b) => tf.matMul(a!, b!), { a: [4, 5], b: [5, 3] }],
  ["matMul, transposed", (a, b) => tf.matMul(a!, b!, true, true), { a: [5, 4], b: [3, 5] }],
  ["matMul, batched", (a, b) => tf.matMul(a!, b!, false, true), { a: [2, 4, 5], b: [2, 3, 5] }],
  ["conv2d, valid", (x, w) => tf.conv2d(t4(x!), t4(w!), 1, "valid"), {
    x: [1, 9, 8, 4],
    w: [3, 3, 4, 5],
  }],
  ["conv2d, same, stride 2, even side", (x, w) => tf.conv2d(t4(x!), t4(w!), 2, "same"), {
    x: [1, 8, 10, 3],
    w: [3, 3, 3, 4],
  }],
  ["conv2d, valid, stride 2, odd side", (x, w) => tf.conv2d(t4(x!), t4(w!), 2, "valid"), {
    x: [1, 9, 12, 3],
    w: [3, 3, 3, 4],
  }],
  ["conv2d, stride 3, 5x4 kernel, a batch", (x, w) => tf.conv2d(t4(x!), t4(w!), 3, "same"), {
    x: [2, 11, 13, 3],
    w: [5, 4, 3, 4],
  }],
  ...([[9, 8], [2, 3], [4, 5]].map(([h, w]): Case => [
    `conv2d after reflection padding, ${h}x${w}`,
    (x, w) =>
      tf.conv2d(
        tf.mirrorPad(t4(x!), [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect"),
        t4(w!),
        1,
        "valid",
      ),
    { x: [1, h!, w!, 4], w: [3, 3, 4, 5] },
  ])),
  ["conv2d, 1x1", (x, w) => tf.conv2d(t4(x!), t4(w!), 1, "same"), {
    x: [1, 6, 5, 3],
    w: [1, 1, 3, 4],
  }],
  ["conv2d, 1x1, stride 2", (x, w) => tf.conv2d(t4(x!), t4(w!), 2, "valid"), {
    x: [1, 6, 5, 3],
    w: [1, 1, 3, 4],
  }],
  [
    "conv2d, explicit padding",
    (x, w) => tf.conv2d(t4(x!), t4(w!), 1, [[0, 0], [2, 1], [0, 3], [0, 0]]),
    {
      x: [1, 6, 5, 3],
      w: [3, 3, 3, 4],
    },
  ],
  ["conv2dTranspose", (x, w) => tf.conv2dTranspose(t4(x!), t4(w!), [1, 12, 10, 2], 2, "same"), {
    x: [1, 6, 5, 3],
    w: [4, 4, 2, 3],
  }],
  [
    "resizeBilinear, doubled, half-pixel",
    (x) => tf.image.resizeBilinear(t4(x!), [12, 10], false, true),
    image,
  ],
  [
    "resizeBilinear, doubled from a side of 1",
    (x) => tf.image.resizeBilinear(t4(x!), [2, 4], false, true),
    { x: [1, 1, 2, 3] },
  ],
  [
    "resizeBilinear, to any size, half-pixel",
    (x) => tf.image.resizeBilinear(t4(x!), [11, 7], false, true),
    image,
  ],
  [
    "resizeBilinear, aligned corners",
    (x) => tf.image.resizeBilinear(t4(x!), [11, 9], true, false),
    image,
  ],
  ["resizeBilinear, legacy", (x) => tf.image.resizeBilinear(t4(x!), [12, 15]), image],
  ["resizeNearestNeighbor", (x) => tf.image.resizeNearestNeighbor(t4(x!), [12, 15]), image],
  [
    "batchNorm",
    (x, m, g, b) =>
      tf.batchNorm(
        t4(x!),
        m as tf.Tensor1D,
        tf.tensor1d([1, 2, 0.5]),
        b as tf.Tensor1D,
        g as tf.Tensor1D,
        1e-3,
      ),
    { x: [1, 6, 5, 3], m: [3], g: [3], b: [3] },
  ],
];
