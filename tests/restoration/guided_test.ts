// The guided objective: unbiased for every picture size; an interrupted run has a useful result from its first seconds.
import assert from "node:assert/strict";
import { denoising } from "../../lib/degradation/mod.ts";
import { tf } from "../../lib/engine/mod.ts";
import { addGaussianNoise, createImage, type Image, psnr } from "../../lib/image/mod.ts";
import { derive, random } from "../../lib/random/mod.ts";
import { restore, type RestoreOptions, type Step } from "../../lib/restoration/mod.ts";
import { sampler } from "../../lib/restoration/final_picture.ts";
import { defaultDraws } from "../../lib/restoration/defaults.ts";
import { ALPHA, type Estimator, JUDGING_ALPHA, makeDraws } from "../../lib/restoration/guide.ts";
import { guidedObjective } from "../../lib/restoration/guided_objective.ts";
import { bestMixture, trainingPixels } from "../../lib/restoration/mixture.ts";
import { createViewAverage, randomView, takeView } from "../../lib/restoration/view.ts";
import { noisy, picture, tiny, tinyDip } from "./_pictures.ts";

const SIGMA = 0.1;
const clean = picture(20, 28, 3), problem = denoising(noisy(clean));
const guided: RestoreOptions = {
  network: tinyDip,
  objective: "guided",
  noiseSigma: SIGMA,
  iterations: 12,
  draws: 2,
  seed: 3,
  threads: 1,
};

const meanSquare = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length;

/** A guide in closed form: a times the picture. */
const scaled = (a: number): Estimator => (noisy) =>
  Promise.resolve({ ...noisy, data: noisy.data.map((value) => a * value) });

/** A picture whose noise is not clipped. */
function unclippedNoise(clean: Image, seed: number): Image {
  const noise = new Float32Array(clean.data.length);
  random(seed).fillNormal(noise, SIGMA);
  return { ...clean, data: clean.data.map((value, i) => value + noise[i]!) };
}

/** The mean loss of a guide, before the network has learned anything, over many draws of noise. */
async function lossOf(estimate: Estimator, dependent = false): Promise<number> {
  // Far from 0 and 1: nothing is clipped.
  const clean = createImage({
    height: 32,
    width: 32,
    channels: 1,
    data: picture(32, 32, 1).data.map((value) => 0.5 + (value - 0.5) / 4),
  });
  let sum = 0, count = 0;
  for (let seed = 0; seed < 200; seed++) {
    const observed = unclippedNoise(clean, seed);
    const problem = denoising(observed);
    const made = await makeDraws(problem, 1, derive(seed, "draws"), { sigma: SIGMA, estimate });
    const guide = dependent ? await estimate(observed, SIGMA) : made[0]!.guide;
    const draws = [{ ...made[0]!, guide }], learned = trainingPixels(observed, 1);
    const objective = guidedObjective(problem, tinyDip, 1, {
      estimate: observed,
      shown: (image) => image,
      draws,
      learned,
    });
    const feeds = objective.draw(random(seed)) as Record<string, Float32Array>;
    sum += meanSquare(feeds["guide"]!, feeds["target"]!);
    count++;
    objective.dispose();
  }
  return sum / count;
}

Deno.test("the guided objective is the risk of a linear guide and a constant", async () => {
  const a = 0.7, alpha = ALPHA;
  // E|a(y + αn) - x|² with y = x + noise, and the constant: the target's noise.
  const signal = picture(32, 32, 1).data.map((value) => 0.5 + (value - 0.5) / 4);
  const power = signal.reduce((sum, value) => sum + value ** 2, 0) / signal.length;
  const risk = (1 - a) ** 2 * power + a ** 2 * SIGMA ** 2 * (1 + alpha ** 2);
  const constant = SIGMA ** 2 * (1 + 1 / alpha ** 2);
  const loss = await lossOf(scaled(a));
  assert.ok(Math.abs(loss - risk - constant) < 0.01 * constant, `${loss}, ${risk + constant}`);
  // A guide from the picture itself shares its noise with the target: the loss is too low by 2aσ².
  const biased = await lossOf(scaled(a), true);
  const ownRisk = (1 - a) ** 2 * power + a ** 2 * SIGMA ** 2;
  const expected = ownRisk + constant - 2 * a * SIGMA ** 2;
  assert.ok(Math.abs(biased - expected) < 0.01 * constant, `${biased}, ${expected}`);
});

Deno.test("where a sample is clipped the target is the sample itself", async () => {
  const observed = createImage({
    height: 32,
    width: 32,
    channels: 1,
    data: Float32Array.from({ length: 1024 }, (_, i) => i % 3 / 2),
  });
  const problem = denoising(observed);
  const draws = await makeDraws(problem, 1, 1, { sigma: SIGMA, estimate: scaled(1) });
  const learned = trainingPixels(observed, 1);
  const objective = guidedObjective(problem, tinyDip, 1, {
    estimate: observed,
    shown: (image) => image,
    draws,
    learned,
  });
  const { observed: seen, target } = objective.draw(random(1)) as Record<string, Float32Array>;
  objective.dispose();
  let differ = 0;
  target!.forEach((value, i) => {
    if (seen![i] === 0.5) differ += value === 0.5 ? 0 : 1;
    else assert.equal(value, seen![i]);
  });
  assert.ok(differ > 100, `${differ} differ`);
});

Deno.test("views put back where they were taken from give the picture, whatever its size", () => {
  for (const [height, width] of [[16, 16], [40, 17], [9, 70]] as const) {
    const original = picture(height, width, 3), stream = random(1);
    const average = createViewAverage({
      ...original,
      data: new Float32Array(original.data.length),
    });
    for (let i = 0; i < 400; i++) {
      const view = randomView(stream, original, 32), taken = takeView(original, view);
      const pixels = 32 ** 2;
      average.add(view, Float32Array.from(taken, (_, j) => taken[j % 3 * pixels + (j / 3 | 0)]!));
    }
    assert.ok(psnr(average.image(), original) > 40, `${height}x${width}`);
  }
});

Deno.test("a guided run begins with the initial estimate and improves it", async () => {
  const before = tf.memory().numTensors;
  const steps: Step[] = [];
  const run = restore(problem, { ...guided, reference: clean });
  for await (const step of run) steps.push(step);
  const { image, stoppedBy, record } = await run.result;
  assert.deepEqual(
    steps.map(({ iteration }) => iteration),
    Array.from({ length: 13 }, (_, i) => i),
  );
  assert.deepEqual(steps[0]!.best.image.data, steps[0]!.output.data);
  assert.equal(stoppedBy, "iterations");
  assert.equal(record.settings.quality, "balanced");
  assert.equal(record.guide!.draws, 2);
  assert.ok(record.guide!.seconds > 0);
  assert.equal(record.series.loss.length, 12);
  assert.ok(psnr(steps[0]!.best.image, clean) > psnr(problem.observed, clean) + 3);
  assert.ok(psnr(image, clean) > psnr(problem.observed, clean) + 3);
  assert.ok(image.data.every((value) => value >= 0 && value <= 1));
  assert.deepEqual(JSON.parse(JSON.stringify(record)), record);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("fast is the initial estimate, without a network", async () => {
  const { iterations: _, draws: __, ...rest } = guided;
  const { image, record } = await restore(problem, { ...rest, quality: "fast" }).result;
  const whole = restore(problem, guided);
  for await (const step of whole) {
    assert.deepEqual(image.data, step.best.image.data);
    break;
  }
  assert.equal(record.engine, undefined);
  assert.equal(record.guide!.draws, 0);
  assert.deepEqual(record.stop, { reason: "iterations", iteration: 0, best: 0, rule: "budget" });
  assert.deepEqual((await whole.result).image.data, image.data);
});

Deno.test("one seed, one result", async () => {
  const run = (seed: number) => restore(problem, { ...guided, seed }).result;
  const [a, b, c] = [await run(3), await run(3), await run(4)];
  assert.deepEqual(a.image.data, b.image.data);
  assert.deepEqual(a.record.series.loss, b.record.series.loss);
  // So small a picture may get back its estimate, whatever the seed.
  assert.notDeepEqual(a.record.series.loss, c.record.series.loss);
});

for (const [height, width, channels] of [[16, 16, 1], [16, 16, 3], [512, 17, 3]] as const) {
  Deno.test(`${width}x${height}, ${channels} channels`, async () => {
    const clean = picture(height, width, channels), observed = noisy(clean);
    const { image } = await restore(denoising(observed), guided).result;
    assert.deepEqual([image.height, image.width, image.channels], [height, width, channels]);
    assert.ok(psnr(image, clean) > psnr(observed, clean), `${psnr(image, clean)}`);
  });
}

Deno.test("an interrupted run returns at least the initial estimate", async () => {
  const { image: estimate } = await restore(problem, { ...guided, iterations: 0 }).result;
  for (const at of [0, 5]) {
    const controller = new AbortController();
    const run = restore(problem, { ...guided, signal: controller.signal });
    for await (const { iteration } of run) if (iteration === at) controller.abort();
    const { image, stoppedBy, record } = await run.result;
    assert.equal(stoppedBy, "aborted");
    assert.equal(record.events.length, 0);
    if (at === 0) assert.deepEqual(image.data, estimate.data);
    else assert.notDeepEqual(image.data, estimate.data);
    assert.ok(psnr(image, clean) > psnr(problem.observed, clean) + 3);
  }
});

Deno.test("a run interrupted before the initial estimate rejects with the reason", async () => {
  const signal = AbortSignal.abort(new Error("no time"));
  await assert.rejects(restore(problem, { ...guided, signal }).result, /no time/);
});

Deno.test("a picture without noise is returned unchanged", async () => {
  const flat = createImage({ height: 32, width: 32, channels: 1 });
  const { noiseSigma: _, ...options } = guided;
  const { image, record } = await restore(denoising(flat), options).result;
  assert.deepEqual(image.data, flat.data);
  assert.equal(record.stop.iteration, 0);
});

const WRONG: [string, RestoreOptions, RegExp][] = [
  [
    "a network that reads nothing",
    { ...guided, network: tiny },
    /`network` decoder cannot correct/,
  ],
  [
    "fast with iterations",
    { ...guided, quality: "fast" },
    /`iterations` must be 0 with quality fast/,
  ],
  ["draws", { ...guided, draws: 0 }, /`draws` must be a whole number from 1/],
  ["quality with mse", { objective: "mse", quality: "fast" }, /`quality` goes with/],
];

for (const [name, options, message] of WRONG) {
  Deno.test(`${name} is refused`, async () => {
    await assert.rejects(restore(problem, options).result, { name: "RangeError", message });
  });
}

Deno.test("the noise of a draw is that of the picture, and the guide's input contains all of it", async () => {
  const flat = createImage({
    height: 64,
    width: 64,
    channels: 1,
    data: new Float32Array(4096).fill(0.5),
  });
  const observed = addGaussianNoise(flat, SIGMA, 1);
  const levels: number[] = [];
  const [draw] = await makeDraws(denoising(observed), 1, 1, {
    sigma: SIGMA,
    estimate: (noisy, sigma) => {
      levels.push(sigma);
      return Promise.resolve(noisy);
    },
  });
  const spread = Math.sqrt(meanSquare(draw!.noisy.data, flat.data));
  assert.ok(Math.abs(levels[0]! / spread - 1) < 0.05, `${levels[0]} of ${spread}`);
});

/** The mean of each pixel and the three right of and below it, of one channel. */
const smoothed = (image: Image): Image => {
  const { height, width, data } = image;
  const at = (y: number, x: number) =>
    data[Math.min(y, height - 1) * width + Math.min(x, width - 1)]!;
  return {
    ...image,
    data: data.map((_, i) => {
      const y = Math.floor(i / width), x = i % width;
      return (at(y, x) + at(y, x + 1) + at(y + 1, x) + at(y + 1, x + 1)) / 4;
    }),
  };
};

Deno.test("the mixture is nearly the one with the smallest error to the clean picture", async () => {
  const clean = createImage({
    height: 128,
    width: 128,
    channels: 1,
    data: picture(128, 128, 1).data.map((value) => 0.5 + (value - 0.5) / 4),
  });
  const observed = unclippedNoise(clean, 1), learned = trainingPixels(observed, 1);
  const made = await makeDraws(denoising(observed), 8, 1, { sigma: SIGMA, estimate: scaled(0.7) });
  const draws = made.map((draw) => ({ ...draw, refined: smoothed(draw.noisy) }));
  const errorOf = (p: number, g: number, r: number) =>
    draws.reduce((sum, { noisy, guide, refined }) => {
      const mix = clean.data.map((_, i) =>
        p * noisy.data[i]! + g * guide.data[i]! + r * refined.data[i]!
      );
      return sum + meanSquare(mix, clean.data) / draws.length;
    }, 0);
  let least = Infinity;
  for (let r = 0; r <= 1; r += 0.05) {
    for (let g = 0; g <= 1 - r; g += 0.05) least = Math.min(least, errorOf(1 - g - r, g, r));
  }
  const { picture: p, estimate: g, refined: r } = bestMixture(observed, learned, draws, SIGMA);
  assert.ok(Math.abs(p + g + r - 1) < 1e-9 && Math.min(p, g, r) >= 0);
  assert.ok(errorOf(p, g, r) < 1.1 * least, `${errorOf(p, g, r)}, ${least}`);
  assert.ok(least < 0.9 * Math.min(errorOf(1, 0, 0), errorOf(0, 1, 0)));
});

Deno.test("a refinement that improves only pictures with more noise is not mixed in", async () => {
  const clean = picture(96, 96, 1), observed = noisy(clean), learned = trainingPixels(observed, 1);
  // The guide's error grows with the noise added; the refinement's does not, and lies between.
  const errors = { guide: (alpha: number) => 0.02 + 0.1 * alpha ** 2, refined: 0.03 };
  const stream = random(4), field = Float32Array.from(clean.data, () => stream.normal());
  const off = Float32Array.from(clean.data, () => stream.normal());
  const withError = (error: number, by: Float32Array): Image => ({
    ...clean,
    data: clean.data.map((value, i) => value + error * by[i]!),
  });
  const partOf = async (alpha: number) => {
    const made = await makeDraws(denoising(observed), 8, 1, {
      sigma: SIGMA,
      alpha,
      estimate: () => Promise.resolve(withError(errors.guide(alpha), field)),
    });
    const refined = withError(errors.refined, off);
    return bestMixture(observed, learned, made.map((draw) => ({ ...draw, refined })), SIGMA)
      .refined;
  };
  // The best part of uncorrelated errors e and f is e² / (e² + f²).
  const best = (alpha: number) =>
    errors.guide(alpha) ** 2 / (errors.guide(alpha) ** 2 + errors.refined ** 2);
  assert.ok(best(ALPHA) > 1.5 * best(0));
  assert.ok(Math.abs(best(JUDGING_ALPHA) - best(0)) < 0.1);
  assert.ok(await partOf(JUDGING_ALPHA) < best(0) + 0.15, `${await partOf(JUDGING_ALPHA)}`);
});

Deno.test("a refinement that adds nothing but noise is not mixed in", async () => {
  const clean = picture(64, 64, 1), observed = noisy(clean), learned = trainingPixels(observed, 1);
  const made = await makeDraws(denoising(observed), 4, 1, {
    sigma: SIGMA,
    estimate: () => Promise.resolve(clean),
  });
  const stream = random(9);
  const draws = made.map((draw) => {
    const data = draw.guide.data.map((value) => value + 0.02 * stream.normal());
    return { ...draw, refined: { ...draw.guide, data } };
  });
  const { estimate, refined } = bestMixture(observed, learned, draws, SIGMA);
  assert.ok(refined < 0.1 && estimate > 0.8, `${estimate}, ${refined}`);
});

Deno.test("a large picture has fewer draws: as many as the steps look at half of", () => {
  assert.equal(defaultDraws("balanced", 512 * 512), 4);
  // 400 steps look at 128x128 pixels each, 6.6 million.
  assert.equal(defaultDraws("balanced", 4000 * 3000), 2);
  assert.equal(defaultDraws("balanced", 1e9), 1);
  assert.equal(defaultDraws("best", 4000 * 3000), 5);
  assert.equal(defaultDraws("fast", 512 * 512), 0);
});

Deno.test("a large picture is evaluated on sixteen squares from all over it, without common pixels", () => {
  const height = 2100, width = 2200;
  const data = Float32Array.from({ length: height * width }, (_, i) => i);
  const large = createImage({ height, width, channels: 1, data }), small = picture(32, 32, 1);
  assert.equal(sampler(small)(small), small);
  const { height: rows, width: columns, data: squares } = sampler(large)(large);
  assert.deepEqual([rows, columns], [2048, 2048]);
  const origins = [0, 512, 1024, 1536].flatMap((y) =>
    [0, 512, 1024, 1536].map((x) => squares[y * columns + x]!)
  );
  assert.deepEqual(
    origins.slice(0, 5),
    [0, Math.round(1688 / 3), Math.round(2 * 1688 / 3), 1688, Math.round(1588 / 3) * width],
  );
  for (let y = 0; y < rows; y += 37) {
    for (let x = 0; x < columns; x += 41) {
      const origin = origins[4 * (y >> 9) + (x >> 9)]!;
      assert.equal(squares[y * columns + x], origin + (y & 511) * width + (x & 511));
    }
  }
});
