// λ is steered during a run.
import assert from "node:assert/strict";
import { denoising } from "../../lib/degradation/mod.ts";
import { decoder } from "../../lib/network/mod.ts";
import { restore, type RestoreOptions } from "../../lib/restoration/mod.ts";
import { fixedBudget } from "../../lib/stopping/mod.ts";
import { noisy, picture, tiny, tinyDip } from "./_pictures.ts";

const problem = denoising(noisy(picture(32, 32, 1)));
const network = decoder({ channels: 8, scales: 2, inputChannels: 8, lipschitz: 3 });
const short: RestoreOptions = {
  network,
  iterations: 8,
  seed: 2,
  noiseSigma: 0.1,
  stop: [fixedBudget()],
};

Deno.test("a steered bound replaces the network's bound", async () => {
  const own = decoder({ channels: 8, scales: 2, inputChannels: 8, lipschitz: 0.8 });
  const fixed = await restore(problem, { ...short, network: own }).result;
  const steered = await restore(problem, { ...short, steerFrom: 0.8 }).result;
  // The data term is far from the noise's after 8 iterations: λ has not moved.
  assert.deepEqual(steered.record.series.lambda, Array(8).fill(0.8));
  assert.deepEqual(steered.record.series.loss, fixed.record.series.loss);
  assert.deepEqual(steered.image.data, fixed.image.data);
});

Deno.test("λ falls if the output is closer to the noisy picture than the noise level", async () => {
  const options = { ...short, learningRate: 0.01, averaging: 0, iterations: 400 };
  const free = await restore(problem, { ...options, noiseSigma: 0.12 }).result;
  const steered = await restore(problem, { ...options, noiseSigma: 0.12, steerFrom: 3 }).result;
  const misfit = ({ record }: typeof free) => record.series.misfit.at(-1)!;
  const lambdas = steered.record.series.lambda as number[];
  assert.ok(lambdas.at(-1)! < 0.9 * lambdas[0]!, `${lambdas.at(-1)}`);
  assert.ok(misfit(steered) > misfit(free), `${misfit(steered)} ${misfit(free)}`);
});

for (
  const [why, options] of [
    ["a network without a bound", { network: tiny }],
    ["another objective", { network: tinyDip, objective: "r2r" }],
    ["a bound of 0", { steerFrom: 0 }],
  ] as [string, RestoreOptions][]
) {
  Deno.test(`steering is refused with ${why}`, async () => {
    await assert.rejects(
      restore(problem, { ...short, steerFrom: 1, ...options }).result,
      RangeError,
    );
  });
}
