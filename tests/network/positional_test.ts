// PIP and SIREN: their inputs, what a pixel depends on, and their initial weights.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import { type Network, pip, siren } from "../../lib/network/mod.ts";

const size = { height: 16, width: 24, channels: 1 };

const output = ({ model }: Network, values: Float32Array, shape: readonly number[]) =>
  tf.tidy(() =>
    Float32Array.from((model.predict(tf.tensor(values, [...shape])) as tf.Tensor).dataSync())
  );

Deno.test("the input of pip is cos and sin of x and y times frequencies from 1 to 256 radians", () => {
  const { model, input: { values } } = pip({ channels: 4, scales: 2 }).build(size, 1);
  const at = (row: number, column: number) =>
    values.subarray((row * 24 + column) * 32).slice(0, 32);
  const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-4, `${a} ${b}`);
  // In the corner all angles are 0: eight cosines and eight sines of x, the same of y.
  at(0, 0).forEach((value, i) => close(value, i % 16 < 8 ? 1 : 0));
  const [x, y] = [5 / 23, 7 / 15], here = at(7, 5);
  for (let k = 0; k < 8; k++) {
    const omega = 2 ** (8 * k / 7);
    close(here[k]!, Math.cos(omega * x));
    close(here[8 + k]!, Math.sin(omega * x));
    close(here[16 + k]!, Math.cos(omega * y));
    close(here[24 + k]!, Math.sin(omega * y));
  }
  model.dispose();
});

Deno.test("the input of siren is x and y from -1 to 1, and each pixel depends on its position alone", () => {
  const network = siren({ channels: 8, layers: 2 }).build(size, 1);
  const { values, shape } = network.input;
  assert.deepEqual([...values.subarray(0, 2)], [-1, -1]);
  assert.deepEqual([...values.subarray(-2)], [1, 1]);
  const before = output(network, values, shape), moved = values.slice();
  moved[2 * 100] = 0.123;
  const after = output(network, moved, shape);
  assert.deepEqual(
    [...after.keys()].filter((i) => after[i] !== before[i]),
    [100],
  );
  network.model.dispose();
});

Deno.test("siren starts with sines of one spread in every layer, as its authors derive", () => {
  const { model, input } = siren({ channels: 128, layers: 3 }).build(size, 1);
  const sines = tf.model({
    inputs: model.inputs,
    outputs: model.layers.filter(({ name }) => name.endsWith("_act")).map(({ output }) =>
      output as tf.SymbolicTensor
    ),
  });
  const spreads = tf.tidy(() =>
    (sines.predict(tf.tensor(input.values, [...input.shape])) as tf.Tensor[])
      .map((x) => Math.sqrt(tf.moments(x).variance.dataSync()[0]!))
  );
  // The arcsine law that theorem 1.8 ends at has a standard deviation of 1/√2.
  for (const spread of spreads) assert.ok(Math.abs(spread - Math.SQRT1_2) < 0.1, `${spreads}`);
  model.dispose();
});

Deno.test("options of pip and siren out of range are refused by name", () => {
  assert.throws(() => pip({ frequencies: 1 }), /RangeError: `frequencies`/);
  assert.throws(() => siren({ channels: 0 }), /RangeError: `channels`/);
  assert.throws(() => siren({ layers: -1 }), /RangeError: `layers`/);
  assert.throws(() => siren({ omega: 0 }), /RangeError: `omega`/);
});
