// The correction of a noise level, and its state in a training.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import { random } from "../../lib/random/mod.ts";
import type { Objective } from "../../lib/restoration/objective.ts";
import { createNoiseScale } from "../../lib/restoration/noise_scale.ts";
import { startTraining } from "../../lib/restoration/training.ts";

Deno.test("the noise scale follows a negative divergence down and comes back", () => {
  const noiseScale = createNoiseScale();
  for (let i = 0; i < 30; i++) noiseScale.update(-1);
  const low = noiseScale.value;
  assert.ok(low < 0.5, `${low}`);
  for (let i = 0; i < 100; i++) noiseScale.update(0.5);
  assert.equal(noiseScale.value, 1);
});

for (const gain of [NaN, Infinity, -Infinity]) {
  Deno.test(`a divergence of ${gain} is ignored`, () => {
    const noiseScale = createNoiseScale(), other = createNoiseScale();
    for (let i = 0; i < 30; i++) {
      if (i % 7 === 3) noiseScale.update(gain);
      noiseScale.update(-0.3);
      other.update(-0.3);
    }
    assert.deepEqual(noiseScale.state(), other.state());
  });
}

/** An objective whose gains are given; it remembers a noise scale and feeds it to the step. */
function scripted(
  gains: number[],
): Objective & { noiseScale: ReturnType<typeof createNoiseScale> } {
  const noiseScale = createNoiseScale();
  const model = tf.sequential({
    layers: [tf.layers.dense({ inputShape: [1], units: 1, name: "one" })],
  });
  return {
    model,
    noiseScale,
    inputs: { gain: [], noiseScale: [], noise: [] },
    draw: (random) => ({
      gain: gains.shift() ?? 0,
      noiseScale: noiseScale.value,
      noise: random.uniform(),
    }),
    observeDivergence: noiseScale.update,
    state: noiseScale.state,
    restoreState: (state) => noiseScale.restoreState(state as ReturnType<typeof noiseScale.state>),
    evaluate({ gain, noiseScale, noise }) {
      const prediction = model.apply(tf.ones([1, 1])) as tf.Tensor;
      const loss = prediction.square().mean() as tf.Scalar;
      // What the step was given, to be looked at.
      const output = tf.concat([noiseScale!, noise!].map((x) => x.reshape([1, 1, 1, 1])), 3);
      return { loss, misfit: loss, divergence: gain!.add(0) as tf.Scalar, output };
    },
    dispose: () => model.dispose(),
  };
}

const training = (objective: Objective) =>
  startTraining(objective, { random: random(1), averaging: 0, threads: 1 });

Deno.test("going back to the last good state restores the noise scale", async () => {
  const gains = [-1, -1, -1, -5, NaN, -5, -1, -1];
  const objective = scripted([...gains]), undisturbed = scripted([-1, -1, -1, -1, -1]);
  const run = await training(objective), other = await training(undisturbed);
  try {
    for (let i = 0; i < 3; i++) await run.iterate(0.01);
    for (let i = 0; i < 3; i++) await other.iterate(0.01);
    await run.keep();
    const kept = objective.noiseScale.state();
    assert.ok(kept.value < 1);
    for (let i = 0; i < 3; i++) await run.iterate(0.01);
    assert.ok(objective.noiseScale.value < kept.value);
    await run.restore();
    assert.deepEqual(objective.noiseScale.state(), kept);
    const { output } = await run.iterate(0.01);
    assert.equal(output[0], Math.fround(kept.value), "the next iteration is told it");
    assert.ok(Number.isFinite(output[1]!));
    const expected = await other.iterate(0.01);
    assert.deepEqual(objective.noiseScale.state(), undisturbed.noiseScale.state());
    assert.equal(expected.loss > 0, true);
  } finally {
    await run.dispose();
    await other.dispose();
  }
});

Deno.test("a training resumed from its state goes back to the same noise scale", async () => {
  const objective = scripted([-1, -1, -2, -3, -4, -5]);
  const run = await training(objective);
  const again = scripted([0, -9, -4, -5]);
  const resumed = await training(again);
  try {
    for (let i = 0; i < 2; i++) await run.iterate(0.01);
    await run.keep();
    const kept = objective.noiseScale.state();
    for (let i = 0; i < 2; i++) await run.iterate(0.01);
    await resumed.restoreState(await run.state());
    assert.deepEqual(again.noiseScale.state(), objective.noiseScale.state());
    await resumed.restore();
    assert.deepEqual(again.noiseScale.state(), kept);
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
