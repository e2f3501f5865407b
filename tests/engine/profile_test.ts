// profileStep(): the nodes of a step and their times.
import assert from "node:assert/strict";
import { profileStep, tf } from "../../lib/engine/mod.ts";

Deno.test("profileStep() has a time for each operator of the step", async () => {
  const weights = tf.variable(tf.ones([64, 64]));
  const nodes = await profileStep(({ x }) => {
    const y = x!.matMul(weights);
    weights.assign(weights.add(y.mean()));
    return { y };
  }, { inputs: { x: [8, 64] }, values: { x: 0.5 }, threads: 1, seconds: 0 });
  assert.ok(nodes.some(({ operator }) => operator === "MatMul" || operator === "Gemm"));
  assert.ok(nodes.every(({ ms, shapes }) => ms >= 0 && shapes.includes(" from ")));
  weights.dispose();
});
