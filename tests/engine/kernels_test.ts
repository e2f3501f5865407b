// Every supported kernel, with its gradient, against tfjs's cpu backend.
import assert from "node:assert/strict";
import { compile, type StepFunction, tf, unflatten } from "../../lib/engine/mod.ts";
import { type Case, CASES, pair, t4 } from "./_cases.ts";
import { assertSame, bothWays, disagreement, withGradients } from "./_agreement.ts";

const LOGIC: Case[] = [
  [
    "where of comparisons",
    (a, b) => tf.where(tf.logicalAnd(a!.greater(b!), a!.less(1)), a!.mul(2), b!),
    pair,
  ],
  ["comparisons as numbers", (a, b) =>
    tf.addN([
      a!.greaterEqual(b!).toFloat(),
      a!.lessEqual(0.3).toFloat().mul(3),
      a!.equal(a!).toFloat().mul(b!),
      tf.logicalNot(tf.logicalOr(a!.less(0), b!.less(0))).toFloat(),
    ]), pair],
];

for (const [name, f, shapes] of LOGIC) {
  Deno.test(`${name} agree with tfjs's cpu backend`, async () => {
    const step = (inputs: Readonly<Record<string, tf.Tensor>>) => ({
      value: f(...Object.values(inputs)),
    });
    assert.ok(await disagreement(step, shapes) < 1e-6);
  });
}

Deno.test("sigmoid of large negative numbers is small, not 0, and relu6 of -0 is 0", async () => {
  const x = Float32Array.of(-80, -46, -20, -18.5, -0, 20);
  const step = await compile(({ x }) => ({
    logarithm: x!.sigmoid().log(),
    reciprocal: tf.relu6(x!).reciprocal(),
  }), { inputs: { x: [6] } });
  const { logarithm, reciprocal } = (await step.run({ x })).outputs;
  x.forEach((value, i) => {
    const expected = -Math.log1p(Math.exp(-value));
    const error = Math.abs(logarithm![i]! - expected);
    assert.ok(error < 1e-6 + 1e-6 * Math.abs(expected), `${value}: ${logarithm![i]}`);
  });
  assert.equal(reciprocal![4], Infinity);
  step.dispose();
});

Deno.test("the sign of NaN is 0, as in tfjs", async () => {
  const x = Float32Array.of(NaN, -Infinity, 2, 0, -3);
  const step = await compile(({ x }) => ({ sign: x!.sign() }), { inputs: { x: [5] } });
  assert.deepEqual((await step.run({ x })).outputs.sign, Float32Array.of(0, -1, 1, 0, -1));
  step.dispose();
});

Deno.test("where(x > 0, y, k y) takes NaN as not above 0, as tfjs does", async () => {
  const x = Float32Array.of(NaN, -Infinity, 2, 0, -3, Infinity, 1e-30);
  const step = await compile(({ x, y }) => {
    const isAbove = x!.greater(0);
    return {
      leaky: tf.where(isAbove, y!, y!.mul(0.5)),
      none: tf.where(isAbove, y!, y!.mul(0)),
      relu: tf.grad((x: tf.Tensor) => x.relu())(x!, y!),
    };
  }, { inputs: { x: [7], y: [7] } });
  const { outputs } = await step.run({ x, y: new Float32Array(7).fill(4) });
  assert.deepEqual(outputs.leaky, Float32Array.of(2, 2, 4, 2, 2, 4, 4));
  assert.deepEqual(outputs.none, Float32Array.of(0, 0, 4, 0, 0, 4, 4));
  // Of ReLU's gradient tfjs makes dy * step(x).
  assert.deepEqual(outputs.relu, Float32Array.of(NaN, 0, 4, 0, 0, 4, 4));
  step.dispose();
});

for (const [name, f, shapes] of CASES) {
  Deno.test(`${name} agrees with tfjs's cpu backend, and so does its gradient`, async () => {
    const error = await disagreement(withGradients(f), shapes);
    assert.ok(error < 3e-6, `relative error ${error}`);
  });
}

/** Calls of one kernel on one tensor that differ in a single attribute, or in the result alone. */
const ALIKE: [name: string, f: (x: tf.Tensor) => tf.Tensor[], shape: number[]][] = [
  ["slices of two sizes", (x) => [x.slice([0], [2]), x.slice([0], [3])], [5]],
  [
    "means with and without their dimension",
    (x) => [x.add(x.mean(1, true)), x.add(x.mean(1))],
    [3, 3],
  ],
  ["sums with and without their dimension", (x) => [x.add(x.sum(1)), x.add(x.sum(1, true))], [
    3,
    3,
  ]],
  [
    "bilinear sizes",
    (x) => [[4, 6], [6, 4]].map(([h, w]) => tf.image.resizeBilinear(t4(x), [h!, w!], false, true)),
    [1, 2, 2, 3],
  ],
  [
    "nearest sizes",
    (x) => [[4, 6], [6, 4]].map(([h, w]) => tf.image.resizeNearestNeighbor(t4(x), [h!, w!])),
    [1, 2, 2, 3],
  ],
  [
    "ways to take apart",
    (x) => [[[2], [4]], [[4], [2]]].flatMap((shapes) => unflatten(x as tf.Tensor1D, shapes)),
    [6],
  ],
  [
    "paddings with special values",
    (x) => [Infinity, -Infinity, NaN, 0].map((value) => x.pad([[1, 0]], value)),
    [3],
  ],
  ["bounds", (x) => [x.clipByValue(-Infinity, 0.1), x.clipByValue(0.1, Infinity)], [6]],
  ["leaks", (x) => [0.1, 0.1 + 1e-7].map((alpha) => tf.leakyRelu(x, alpha)), [6]],
  [
    "constants with zeros of either sign",
    (x) => [[0, -0], [-0, 0], [0, 0]].map((zeros) => x.square().div(tf.tensor1d(zeros))),
    [2],
  ],
];

for (const [name, f, shape] of ALIKE) {
  Deno.test(`${name} are recorded separately`, async () => {
    const step = ({ x }: Readonly<Record<string, tf.Tensor>>) =>
      Object.fromEntries(f(x!).map((y, i) => [`y${i}`, y]));
    for (const { native, eager } of Object.values(await bothWays(step, { x: shape }))) {
      assertSame(native, eager, 1e-6);
    }
  });
}

Deno.test("a total-variation term, the differences of two slices of one picture, compiles", async () => {
  const variation = (x: tf.Tensor) => {
    const [n, h, w, c] = x.shape as [number, number, number, number];
    const down = x.slice([0, 1, 0, 0], [n, h - 1, w, c]).sub(
      x.slice([0, 0, 0, 0], [n, h - 1, w, c]),
    );
    const across = x.slice([0, 0, 1, 0], [n, h, w - 1, c])
      .sub(x.slice([0, 0, 0, 0], [n, h, w - 1, c]));
    return down.square().sum().add(across.square().sum());
  };
  for (const shape of [[1, 6, 5, 3], [1, 5, 5, 1], [2, 3, 4, 2]]) {
    assert.ok(await disagreement(withGradients((x) => variation(x!)), { x: shape }) < 1e-6);
  }
});

for (const k of [-1, -0.5, 0, 0.2, 1, 1.5, 3]) {
  Deno.test(`where(x > 0, y, ${k} y) is right at zero and after an activation`, async () => {
    const step = ({ x, y }: Readonly<Record<string, tf.Tensor>>) => {
      const chosen = (z: tf.Tensor) => tf.where(z.greater(0), y!, y!.mul(k));
      // Rectified first, so that the sign of x could be taken from there.
      const rectified = tf.relu(x!), zero = x!.floor();
      return {
        rectified,
        plain: chosen(x!),
        zero: chosen(zero.sub(zero)),
        after: chosen(rectified),
        leaked: chosen(tf.leakyRelu(x!, 0.3)),
        less: tf.where(x!.less(0), y!, y!.mul(k)),
        above: tf.where(x!.greater(0.3), y!, y!.mul(k)),
        other: tf.where(x!.greater(0), y!, x!.mul(k)),
      };
    };
    assert.ok(await disagreement(step, { x: [3, 4], y: [3, 4] }) < 1e-6);
  });
}

Deno.test("filters that share one output gradient have different gradients", async () => {
  const step = withGradients((x, y, v, w) =>
    tf.conv2d(t4(x!), t4(v!), 1, "valid").add(tf.conv2d(t4(y!), t4(w!), 1, "valid"))
  );
  const image = [1, 6, 5, 3], filter = [3, 3, 3, 2];
  assert.ok(await disagreement(step, { x: image, y: image, v: filter, w: filter }) < 1e-6);
});

Deno.test("the sign of a vector applies to pictures of any rank and layout", async () => {
  const step = ({ x, y, image, w }: Readonly<Record<string, tf.Tensor>>) => {
    const convolved = tf.conv2d(t4(image!), t4(w!), 1, "same");
    const by = (z: tf.Tensor) => tf.where(x!.greater(0), z, z.mul(0.2));
    return {
      activation: tf.leakyRelu(x!, 0.2),
      vector: by(x!.square()),
      matrix: by(y!),
      image: by(convolved),
      step: x!.step().mul(y!),
      stepped: convolved.mul(x!.step()),
      back: x!.mul(convolved.step()),
    };
  };
  const shapes = { x: [3], y: [2, 3], image: [2, 3, 4, 3], w: [1, 1, 3, 3] };
  assert.ok(await disagreement(step, shapes) < 1e-6);
});

/** What random programs found; the rest of them is in `programs_test.ts`. */
const FOUND: Record<string, [shapes: Record<string, number[]>, step: StepFunction]> = {
  "a filter that is also a picture": [{ x: [1, 5, 6, 2], w: [3, 3, 2, 3] }, ({ x, w }) => ({
    convolved: tf.conv2d(t4(x!), t4(w!), 1, "valid"),
    soft: tf.softplus(w!),
    again: tf.conv2d(
      t4(w!),
      t4(x!).slice([0, 0, 0, 0], [1, 1, 3, 1]).reshape([1, 1, 3, 1]),
      1,
      "same",
    ),
  })],
  "parts of a filter between pictures in blocks": [
    { x: [1, 5, 6, 16], w: [3, 3, 16, 16] },
    ({ x, w }) => ({
      convolved: tf.conv2d(t4(x!), t4(w!), 1, "valid"),
      part: w!.slice([0, 0, 3, 2], [3, 2, 1, 7]).tanh(),
      padded: tf.mirrorPad(w!, [[0, 0], [0, 0], [0, 0], [0, 3]], "reflect").exp(),
    }),
  ],
  "pictures and filters in blocks, mirrored beyond their sides": [
    { x: [2, 4, 3, 16], w: [3, 3, 16, 16] },
    ({ x, w }) => {
      const pad = (y: tf.Tensor, by: [number, number][]) => tf.mirrorPad(y, by, "reflect");
      const loss = (x: tf.Tensor, w: tf.Tensor) => {
        const more = pad(x, [[0, 1], [1, 0], [0, 0], [0, 0]]).square().sum();
        const wider = pad(w, [[1, 0], [0, 1], [0, 0], [0, 0]]).square().sum();
        return tf.conv2d(t4(x), t4(w), 1, "same").sin().sum().add(more).add(wider);
      };
      const [dx, dw] = tf.grads(loss)([x!, w!]);
      return { dx: dx!, dw: dw! };
    },
  ],
  "a constant filter that is clipped": [{ x: [1, 5, 6, 2] }, ({ x }) => {
    const w = tf.range(-9, 9).div(10).reshape([3, 3, 2, 1]);
    return { y: tf.conv2d(t4(x!), t4(w), 1, "valid"), clipped: w.clipByValue(0, 0.4) };
  }],
  "truth values that are moved": [{ x: [1, 4, 3, 2] }, ({ x }) => {
    const positive = x!.greater(0);
    const moved = {
      joined: tf.concat([positive, positive], 3).slice([0, 0, 0, 1], [1, 4, 3, 2]),
      cut: positive.slice([0, 1, 0, 0], [1, 2, 3, 2]).pad([[0, 0], [1, 1], [0, 0], [0, 0]]),
      tiled: tf.tile(positive, [1, 2, 1, 1]).slice([0, 3, 0, 0], [1, 4, 3, 2]),
    };
    const chosen = Object.entries(moved).map(([name, where]) => [
      `${name} chooses`,
      tf.where(where, x!, x!.mul(3)),
    ]);
    return { ...moved, ...Object.fromEntries(chosen) };
  }],
  "whole numbers": [{ x: [3, 4] }, ({ x }) => {
    const whole = x!.mul(5).toInt();
    const [a, b] = tf.split(whole, 2, 1) as [tf.Tensor, tf.Tensor];
    const results = [a.add(b), a.squaredDifference(b), whole.square(), whole.sum(0), whole.max(1)];
    return Object.fromEntries([...results, whole.mean(), whole.abs(), tf.addN([a, b])].map(
      // Half of each: whole numbers are not mistaken for others.
      (y, i) => [`y${i}`, y.toFloat().div(2)],
    ));
  }],
  "a number divided by a known tensor": [{ x: [2, 3] }, ({ x }) => ({
    y: tf.scalar(3).div(tf.fill([2, 3], 2)).add(x!),
    alone: x!.mean().div(tf.fill([2, 1], 4)),
  })],
};

for (const [name, [shapes, step]] of Object.entries(FOUND)) {
  Deno.test(`${name}: as on tfjs's cpu backend`, async () => {
    for (const { native, eager } of Object.values(await bothWays(step, shapes))) {
      assertSame(native, eager, 1e-6);
    }
  });
}

Deno.test("a maximum or minimum of numbers with a NaN is NaN, at any position", async () => {
  for (const at of [0, 3, 7, 11]) {
    const special = tf.buffer([1, 2, 3, 2]);
    special.values.forEach((_, i) => special.values[i] = i === at ? NaN : i);
    const step: StepFunction = ({ x }) => {
      const y = x!.mul(0).add(special.toTensor());
      return { max: y.max(), min: y.min(), maxima: y.max([1, 2]), minima: y.min([0, 1], true) };
    };
    for (const { native, eager } of Object.values(await bothWays(step, { x: [1, 2, 3, 2] }))) {
      assertSame(native, eager, 0);
    }
  }
});
