// The correction of a noise level, and what a training remembers of it.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import { random } from "../../lib/random/mod.ts";
import type { Objective } from "../../lib/restoration/objective.ts";
import { createStrength } from "../../lib/restoration/strength.ts";
import { startTraining } from "../../lib/restoration/training.ts";

Deno.test("the strength follows a negative gain down and comes back", () => {
  const strength = createStrength();
  for (let i = 0; i < 30; i++) strength.see(-1);
  const low = strength.value;
  assert.ok(low < 0.5, `${low}`);
  for (let i = 0; i < 100; i++) strength.see(0.5);
  assert.equal(strength.value, 1);
});

for (const gain of [NaN, Infinity, -Infinity]) {
  Deno.test(`a gain of ${gain} is ignored`, () => {
    const strength = createStrength(), other = createStrength();
    for (let i = 0; i < 30; i++) {
      if (i % 7 === 3) strength.see(gain);
      strength.see(-0.3);
      other.see(-0.3);
    }
    assert.deepEqual(strength.state(), other.state());
  });
}

/** An objective whose gains are given; it remembers a strength and feeds it to the step. */
function scripted(gains: number[]): Objective & { strength: ReturnType<typeof createStrength> } {
  const strength = createStrength();
  const model = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [1], units: 1, name: "one" })],
  });
  return {
    model,
    strength,
    inputs: { gain: [], strength: [], noise: [] },
    draw: (random) => ({
      gain: gains.shift() ?? 0,
      strength: strength.value,
      noise: random.uniform(),
    }),
    see: strength.see,
    state: strength.state,
    restoreState: (state) => strength.restoreState(state as ReturnType<typeof strength.state>),
    evaluate({ gain, strength, noise }) {
      const prediction = model.apply(tf.ones([1, 1])) as tf.Tensor;
      const loss = prediction.square().mean() as tf.Scalar;
      // What the step was given, to be looked at.
      const output = tf.concat([strength!, noise!].map((x) => x.reshape([1, 1, 1, 1])), 3);
      return { loss, misfit: loss, gain: gain!.add(0) as tf.Scalar, output };
    },
    dispose: () => model.dispose(),
  };
}

const training = (objective: Objective) =>
  startTraining(objective, { random: random(1), averaging: 0, threads: 1 });

Deno.test("going back to the last good state brings the strength back", async () => {
  const gains = [-1, -1, -1, -5, NaN, -5, -1, -1];
  const objective = scripted([...gains]), undisturbed = scripted([-1, -1, -1, -1, -1]);
  const run = await training(objective), other = await training(undisturbed);
  try {
    for (let i = 0; i < 3; i++) await run.iterate(0.01);
    for (let i = 0; i < 3; i++) await other.iterate(0.01);
    await run.keep();
    const kept = objective.strength.state();
    assert.ok(kept.value < 1);
    for (let i = 0; i < 3; i++) await run.iterate(0.01);
    assert.ok(objective.strength.value < kept.value);
    await run.restore();
    assert.deepEqual(objective.strength.state(), kept);
    const { output } = await run.iterate(0.01);
    assert.equal(output[0], Math.fround(kept.value), "the next iteration is told it");
    assert.ok(Number.isFinite(output[1]!));
    const expected = await other.iterate(0.01);
    assert.deepEqual(objective.strength.state(), undisturbed.strength.state());
    assert.equal(expected.loss > 0, true);
  } finally {
    await run.dispose();
    await other.dispose();
  }
});

Deno.test("a training that goes on from its state goes back to the same strength", async () => {
  const objective = scripted([-1, -1, -2, -3, -4, -5]);
  const run = await training(objective);
  const again = scripted([0, -9, -4, -5]);
  const resumed = await training(again);
  try {
    for (let i = 0; i < 2; i++) await run.iterate(0.01);
    await run.keep();
    const kept = objective.strength.state();
    for (let i = 0; i < 2; i++) await run.iterate(0.01);
    await resumed.restoreState(await run.state());
    assert.deepEqual(again.strength.state(), objective.strength.state());
    await resumed.restore();
    assert.deepEqual(again.strength.state(), kept);
    const { output } = await resumed.iterate(0.01);
    assert.equal(output[0], Math.fround(kept.value));
  } finally {
    await run.dispose();
    await resumed.dispose();
  }
});

Deno.test("going back draws the same noise, once", async () => {
  const noises = async (goesBack: boolean) => {
    const run = await training(scripted([]));
    try {
      await run.keep();
      const drawn: number[] = [];
      for (let i = 0; i < 4; i++) {
        if (goesBack && i === 2) await run.restore();
        drawn.push((await run.iterate(0.01)).output[1]!);
      }
      return drawn;
    } finally {
      await run.dispose();
    }
  };
  assert.deepEqual(await noises(true), await noises(false));
});
