// Only a squared error can be compared with the noise's variance.
import assert from "node:assert/strict";
import { deblocking, type Degradation, denoising } from "../../lib/degradation/mod.ts";
import { compressJpeg } from "../../lib/image/mod.ts";
import { decoder } from "../../lib/network/mod.ts";
import { restore, type RestoreOptions } from "../../lib/restoration/mod.ts";
import { discrepancy, fixedBudget } from "../../lib/stopping/mod.ts";
import { noisy, picture, tiny } from "./_pictures.ts";

const observed = noisy(picture(24, 32, 1));
const { image, quantization } = await compressJpeg(observed, 30);

/** Problems whose data terms are no squared errors. */
const OTHERS: Record<string, Degradation> = {
  "impulse noise": denoising(observed, { noise: "impulse" }),
  "Poisson noise": denoising(observed, { noise: "poisson" }),
  "JPEG": deblocking(image, quantization),
};

const short: RestoreOptions = { network: tiny, objective: "mse", iterations: 2, noiseSigma: 0.1 };
const steered: RestoreOptions = {
  ...short,
  network: decoder({ channels: 8, scales: 2, inputChannels: 8, lipschitz: 2 }),
  stop: [fixedBudget()],
  steerFrom: 2,
};

const refusal = (says: RegExp) => (error: Error) => {
  assert.ok(error instanceof RangeError, String(error));
  assert.match(error.message, says);
  assert.doesNotMatch(error.message, /\n/);
  return true;
};

for (const [name, problem] of Object.entries(OTHERS)) {
  Deno.test(`${name}: the discrepancy principle is refused, first or beside other rules`, async () => {
    for (const stop of [[discrepancy()], [fixedBudget(), discrepancy()]]) {
      await assert.rejects(
        restore(problem, { ...short, stop }).result,
        refusal(/`stop` has discrepancy.*σ².*this (denoising|deblocking) is no squared error$/),
      );
    }
    const { record } = await restore(problem, { ...short, stop: [fixedBudget()] }).result;
    assert.equal(record.stop.iteration, 2);
  });

  Deno.test(`${name}: steering λ by the data term is refused`, async () => {
    await assert.rejects(
      restore(problem, steered).result,
      refusal(/`steerFrom` compares.*σ².*this (denoising|deblocking) is no squared error$/),
    );
  });
}

Deno.test("with squared errors both are accepted, and a part of a problem is treated as the whole", async () => {
  const region = { top: 0, left: 0, height: 20, width: 24 };
  for (const problem of [denoising(observed), denoising(observed).crop(region)]) {
    const { record } = await restore(problem, { ...short, stop: [discrepancy()] }).result;
    assert.equal(record.stop.iteration, 2);
    assert.equal((await restore(problem, steered).result).record.series.lambda!.length, 2);
  }
  const part = OTHERS["Poisson noise"]!.crop(region);
  await assert.rejects(restore(part, { ...short, stop: [discrepancy()] }).result, RangeError);
});
