// Compiled training steps agree with eager ones.
import assert from "node:assert/strict";
import { compile, tf } from "../../lib/engine/mod.ts";
import { normals, relativeError } from "./_agreement.ts";

/** Three losses of a step natively and, from the same state, eagerly. */
async function threeLosses(
  step: (x: tf.Tensor, y: tf.Tensor) => tf.Scalar,
  shapes: { x: number[]; y: number[] },
): Promise<void> {
  const feeds = { x: normals(shapes.x, 1), y: normals(shapes.y, 2) };
  const compiled = await compile(
    ({ x, y }) => ({ loss: step(x!, y!) }),
    { inputs: shapes, threads: 1 },
  );
  try {
    const native: number[] = [], eager: number[] = [];
    for (let i = 0; i < 3; i++) {
      native.push((await compiled.run(feeds)).outputs["loss"]![0]!);
      eager.push(tf.tidy(() => {
        return step(tf.tensor(feeds.x, shapes.x), tf.tensor(feeds.y, shapes.y)).dataSync()[0]!;
      }));
    }
    assert.ok(native[2]! < native[0]!, `the loss falls: ${native}`);
    assert.ok(relativeError(native, eager) < 1e-5, `${native} against ${eager}`);
  } finally {
    compiled.dispose();
  }
}

for (
  const [name, make] of [
    ["adam", () => tf.train.adam(0.05)],
    ["sgd", () => tf.train.sgd(0.05)],
    ["rmsprop", () => tf.train.rmsprop(0.01)],
    ["adagrad", () => tf.train.adagrad(0.05)],
  ] as const
) {
  Deno.test(`tf.train.${name}(...).minimize() in a compiled step is as eager`, async () => {
    const before = tf.memory().numTensors;
    const w = tf.tidy(() => tf.variable(tf.tensor(normals([4, 2], 3), [4, 2])));
    const b = tf.tidy(() => tf.variable(tf.zeros([2])));
    const optimiser = make();
    await threeLosses(
      (x, y) =>
        optimiser.minimize(
          () => tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D).add(b).sub(y).square().mean(),
          true,
          [w, b],
        ) as tf.Scalar,
      { x: [5, 4], y: [5, 2] },
    );
    optimiser.dispose();
    tf.dispose([w, b]);
    assert.equal(tf.memory().numTensors, before, "no tensors are left behind");
  });
}

Deno.test("a model of tfjs's own layers trains as eagerly", async () => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [6, 6, 2],
        filters: 4,
        kernelSize: 3,
        padding: "same",
        activation: "relu",
        kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
      }),
      tf.layers.batchNormalization(),
      tf.layers.flatten(),
      tf.layers.dense({
        units: 3,
        activation: "tanh",
        kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }),
      }),
    ],
  });
  const optimiser = tf.train.sgd(0.1);
  await threeLosses(
    (x, y) =>
      optimiser.minimize(
        () => (model.apply(x, { training: false }) as tf.Tensor).sub(y).square().mean(),
        true,
      ) as tf.Scalar,
    { x: [1, 6, 6, 2], y: [1, 3] },
  );
  model.dispose();
});
