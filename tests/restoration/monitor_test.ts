// The measurements during a run, and that they do not change it.
import assert from "node:assert/strict";
import { denoising } from "../../lib/degradation/mod.ts";
import { luminance, psnr } from "../../lib/image/mod.ts";
import { estimateNoise, noiseSigma } from "../../lib/noise/mod.ts";
import { tf } from "../../lib/engine/mod.ts";
import { decoder } from "../../lib/network/mod.ts";
import { restore, type RestoreOptions } from "../../lib/restoration/mod.ts";
import {
  bandCorrespondence,
  type BandTransfer,
  bandTransfer,
  paperRings,
  spectrumOf,
} from "../../lib/spectrum/mod.ts";
import {
  blurriness,
  blurSharpness,
  discrepancy,
  fixedBudget,
  heldOutPixels,
  movingVariance,
  sharpness,
  type StoppingRule,
  windowedVariance,
} from "../../lib/stopping/mod.ts";
import { noisy, picture, tiny, tinyDip } from "./_pictures.ts";

const clean = picture(24, 36, 3), observed = noisy(clean), problem = denoising(observed);
const short: RestoreOptions = { network: tiny, iterations: 30, seed: 5, stop: [fixedBudget()] };

/** A rule that wants the picture of one iteration and stops at another. */
const scripted = (best: number, stop: number, name = "scripted"): StoppingRule => ({
  name,
  settings: { best, stop },
  monitor: () => ({
    observe: ({ iteration }) => ({
      value: iteration,
      best: iteration === 1 || iteration === best,
      stop: iteration === stop,
    }),
  }),
});

Deno.test("the image is the same to the byte, whatever is measured or observed", async () => {
  const { image } = await restore(problem, { ...short, measure: false }).result;
  const watched = await restore(problem, {
    ...short,
    reference: clean,
    stop: [fixedBudget(), blurSharpness(), windowedVariance(), movingVariance(), discrepancy()],
  }).result;
  assert.deepEqual(watched.image.data, image.data);
  assert.equal(watched.record.rules.length, 5);
  assert.ok(watched.record.series.bands && watched.record.series.account);
});

Deno.test("with measure: false only the loss is recorded", async () => {
  const { record } = await restore(problem, { ...short, measure: false }).result;
  assert.deepEqual(Object.keys(record.series), ["loss", "misfit", "milliseconds"]);
});

Deno.test("the record's measures are those of the outputs", async () => {
  const run = restore(problem, { ...short, iterations: 4, reference: clean });
  const rings = paperRings(24, 36, 5), target = spectrumOf(observed);
  type Seen = BandTransfer & Record<"blurriness" | "sharpness" | "mse", number>;
  const seen: (Seen & { bands: number[] })[] = [];
  for await (const { output } of run) {
    const grey = luminance(output);
    seen.push({
      bands: bandCorrespondence(spectrumOf(output), target, rings),
      ...bandTransfer(spectrumOf(output), target, rings),
      blurriness: blurriness(grey),
      sharpness: sharpness(grey),
      mse: 10 ** (-psnr(output, clean) / 10),
    });
  }
  const { series } = (await run.result).record;
  const near = (a: number, b: number) =>
    assert.ok(Math.abs(a - b) <= 1e-6 * Math.abs(b), `${a} ${b}`);
  seen.forEach(({ bands, gain, coherence, blurriness, sharpness, mse }, i) => {
    bands.forEach((band, b) => near(series.bands![b]![i]!, band));
    gain.forEach((band, b) => near(series.bandGain![b]![i]!, band));
    coherence.forEach((band, b) => near(series.bandCoherence![b]![i]!, band));
    near(series.blurriness![i]!, blurriness);
    near(series.sharpness![i]!, sharpness);
    const parts = Object.values(series.account!).flat().map((ring) => ring[i]!);
    near(parts.reduce((a, b) => a + b), mse);
  });
});

Deno.test("the result is the picture of the iteration that the rule selected", async () => {
  const run = restore(problem, { ...short, reference: clean, stop: [scripted(7, 12)] });
  let chosen: Float32Array | undefined;
  for await (const { iteration, average, best } of run) {
    if (iteration === 7) chosen = average.data;
    assert.equal(best.iteration, iteration < 7 ? 1 : 7);
  }
  const { image, stoppedBy, record } = await run.result;
  assert.equal(stoppedBy, "rule");
  assert.deepEqual(record.stop, { reason: "rule", iteration: 12, best: 7, rule: "scripted" });
  assert.deepEqual(image.data, chosen);
  const [rule] = record.rules;
  assert.equal(rule!.psnr, psnr(image, clean));
  assert.equal(rule!.lost, Math.max(...record.series.averagePsnr as number[]) - rule!.psnr!);
  assert.deepEqual(rule!.values, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

Deno.test("the first rule decides, and the others report; or the majority decides", async () => {
  const stop = [scripted(20, 25, "late"), scripted(3, 5, "early"), scripted(8, 10, "middle")];
  const first = await restore(problem, { ...short, stop }).result;
  assert.deepEqual(first.record.stop, { reason: "rule", iteration: 25, best: 20, rule: "late" });
  assert.deepEqual(first.record.rules.map(({ stop, best }) => [stop, best]), [[25, 20], [5, 3], [
    10,
    8,
  ]]);
  const vote = await restore(problem, { ...short, stop, decision: "vote" }).result;
  assert.deepEqual(vote.record.stop, { reason: "rule", iteration: 10, best: 8, rule: "middle" });
  assert.equal(vote.record.rules[0]!.stop, null);
});

Deno.test("a run whose iteration is left returns the best picture by its rule", async () => {
  const run = restore(problem, { ...short, stop: [scripted(4, 1000)] });
  for await (const { iteration } of run) if (iteration === 9) break;
  const { record } = await run.result;
  assert.deepEqual(record.stop, { reason: "aborted", iteration: 9, best: 4, rule: "scripted" });
});

Deno.test("if a rule throws, the result is the picture so far and the record has the reason", async () => {
  const broken: StoppingRule = {
    name: "broken",
    settings: {},
    monitor: () => ({
      observe({ iteration }) {
        if (iteration === 6) throw new Error("out of order");
        return { value: 0, best: true, stop: false };
      },
    }),
  };
  const { stoppedBy, record } = await restore(problem, { ...short, stop: [broken] }).result;
  assert.equal(stoppedBy, "failed");
  assert.equal(record.stop.best, 5);
  assert.deepEqual(record.events, [{ iteration: 6, kind: "failure", message: "out of order" }]);
});

Deno.test("held-out pixels are in no loss, and evaluate the average separately", async () => {
  const options = { ...short, iterations: 3, averaging: 0 };
  const run = restore(problem, { ...options, stop: [heldOutPixels({ fraction: 0.25 })] });
  const errors: { loss: number; heldOut: number; mean: number }[] = [];
  for await (const { output, loss, heldOut } of run) {
    const squares = output.data.map((value, i) => (value - observed.data[i]!) ** 2);
    const mean = squares.reduce((a, b) => a + b) / squares.length;
    errors.push({ loss, heldOut: heldOut!, mean });
  }
  for (const { loss, heldOut, mean } of errors) {
    // The mean over all pixels is that over a quarter of them and the other three.
    assert.ok(Math.abs(0.75 * loss + 0.25 * heldOut - mean) < 1e-6 * mean, `${loss} ${heldOut}`);
    assert.notEqual(loss, heldOut);
  }
  await assert.rejects(
    restore(problem, {
      ...short,
      network: tinyDip,
      objective: "r2r",
      noiseSigma: 0.1,
      stop: [heldOutPixels()],
    }).result,
    /`stop` has held-out/,
  );
});

Deno.test("the noise level is estimated only if a rule needs it", async () => {
  const without = await restore(problem, short).result;
  assert.equal(without.record.settings.noiseSigma, null);
  const asked = await restore(problem, { ...short, stop: [discrepancy()] }).result;
  const value = noiseSigma(estimateNoise(observed), observed);
  assert.deepEqual(asked.record.settings.noiseSigma, { value, from: "estimated" });
  const given = await restore(problem, { ...short, noiseSigma: 0.1 }).result;
  assert.deepEqual(given.record.settings.noiseSigma, { value: 0.1, from: "given" });
});

Deno.test("the record has the spectral norms of the convolutions, and control bounds them", async () => {
  const network = decoder({ channels: 8, scales: 2, inputChannels: 8, lipschitz: 0.9 });
  const before = tf.memory().numTensors;
  const { record } = await restore(problem, { ...short, network, iterations: 10 }).result;
  assert.equal(tf.memory().numTensors, before);
  const { layers, iterations, kernel, controlled } = record.spectralNorms;
  assert.deepEqual(iterations, [0, 1, 2, 3, 5, 8, 10]);
  assert.equal(layers.length, 7);
  layers.forEach((layer, i) => {
    assert.equal(kernel[i]!.length, iterations.length);
    kernel[i]!.forEach((norm, t) => {
      const bounded = layer === "out_conv" ? norm! : Math.min(norm!, 0.9);
      assert.ok(Math.abs(controlled[i]![t]! - bounded) < 1e-5 * bounded, `${layer} ${norm}`);
    });
    assert.ok(kernel[i]![0] !== kernel[i]!.at(-1), `${layer} was trained`);
  });
});
