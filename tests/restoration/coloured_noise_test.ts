// Runs on coloured noise: the estimate by its model is the result; risk estimates draw from its distribution.
import assert from "node:assert/strict";
import { addFilmGrain, addLuminanceNoise, denoising } from "../../lib/degradation/mod.ts";
import { crop, psnr } from "../../lib/image/mod.ts";
import { dip } from "../../lib/network/mod.ts";
import {
  estimateNoise,
  type NoiseModel,
  noiseSigma,
  poissonGaussian,
  whiteNoise,
} from "../../lib/noise/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { noiseLevel } from "../../lib/restoration/noise_level.ts";
import { noiseSource } from "../../lib/restoration/noise_source.ts";
import { restore, type RestoreOptions } from "../../lib/restoration/mod.ts";
import { square } from "../noise/_kinds.ts";

const clean = crop(await square("coffee", 0.5, 0.5), 60, 60, 128, 128);
const noisy = addLuminanceNoise(clean, 15 / 255, 1), problem = denoising(noisy);
const tiny = dip({ channels: [4, 4, 4, 4, 4], skipChannels: 4 });

Deno.test("a run on coloured noise ends with the estimate by its noise model", async () => {
  const { image, record } = await restore(problem, { iterations: 5 }).result;
  assert.deepEqual([record.stop.iteration, record.settings.objective], [0, "guided"]);
  assert.deepEqual(record.settings.noise, estimateNoise(noisy));
  assert.deepEqual(record.settings.noiseSigma, {
    value: noiseSigma(estimateNoise(noisy), noisy),
    from: "estimated",
  });
  assert.ok(psnr(image, clean) > psnr(noisy, clean) + 3, `${psnr(image, clean)}`);
});

Deno.test("a given model is used and recorded, white or not", async () => {
  const model = poissonGaussian(0.002, 0.001, 3);
  const { record } = await restore(problem, { noise: model }).result;
  assert.deepEqual(record.settings.noise, model);
  assert.equal(record.settings.noiseSigma!.from, "given");

  const white = await restore(problem, { noise: whiteNoise(0.05, 3), quality: "fast" }).result;
  const level = await restore(problem, { noiseSigma: 0.05, quality: "fast" }).result;
  assert.deepEqual(white.image.data, level.image.data);
  assert.equal(white.record.settings.noise, undefined);
});

Deno.test("a picture with negligible noise is returned unchanged", async () => {
  const data = clean.data.map((_, i) => 0.2 + 0.002 * ((Math.floor(i / 3) % 128) + i % 3));
  const smooth = { ...clean, data };
  const { image, record } = await restore(denoising(smooth), {}).result;
  assert.deepEqual(image.data, smooth.data);
  assert.equal(record.stop.iteration, 0);
});

for (
  const [name, options, message] of [
    ["both", { noise: whiteNoise(0.1, 3), noiseSigma: 0.1 }, /do not go together/],
    ["another channel count", { noise: whiteNoise(0.1, 1) }, /`noise.channels`/],
  ] as [string, RestoreOptions, RegExp][]
) {
  Deno.test(`noise of ${name} is refused`, async () => {
    await assert.rejects(restore(problem, options).result, { name: "RangeError", message });
  });
}

Deno.test("risk estimates draw noise of the picture's distribution", () => {
  const grain = addFilmGrain(clean, 15 / 255, 1);
  const level = noiseLevel(grain, estimateNoise(grain));
  assert.ok(!level.isWhite);
  const drawn = noiseSource(grain, level)(random(1), level.sigma), pixels = 128 * 128;
  const mean = (of: (p: number) => number) => {
    let sum = 0;
    for (let p = 0; p < pixels; p++) sum += of(p);
    return sum / pixels;
  };
  const squares = mean((p) =>
    drawn[p]! ** 2 + drawn[pixels + p]! ** 2 + drawn[2 * pixels + p]! ** 2
  );
  assert.ok(Math.abs(Math.sqrt(squares / 3) / level.sigma - 1) < 0.1);
  // One noise of brightness: red is as green, plane by plane.
  const alike = mean((p) => drawn[p]! * drawn[pixels + p]!) / mean((p) => drawn[p]! ** 2);
  assert.ok(alike > 0.9, `${alike}`);
  const white = noiseLevel(grain, 0.1), plain = new Float32Array(3 * pixels);
  random(2).fillNormal(plain, 0.05);
  assert.deepEqual(noiseSource(grain, white)(random(2), 0.05), plain);
});

for (const objective of ["r2r", "sure"] as const) {
  Deno.test(`${objective} takes a model by name`, async () => {
    const noise: NoiseModel = estimateNoise(noisy);
    const options = { network: tiny, objective, iterations: 3 };
    const { image, record } = await restore(problem, { ...options, noise }).result;
    assert.equal(record.stop.iteration, 3);
    assert.ok(image.data.every(Number.isFinite));
    const white = await restore(problem, { ...options, noiseSigma: noiseSigma(noise, noisy) })
      .result;
    assert.notDeepEqual(image.data, white.image.data);
  });
}
