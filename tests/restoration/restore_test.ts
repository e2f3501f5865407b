// restore(): iterating, awaiting, ending and options.
import assert from "node:assert/strict";
import { type Degradation, denoising } from "../../lib/degradation/mod.ts";
import { tf } from "../../lib/engine/mod.ts";
import { createImage, type Image, psnr } from "../../lib/image/mod.ts";
import { decoder, dip } from "../../lib/network/mod.ts";
import {
  restore,
  restoreInTiles,
  type RestoreOptions,
  type RunResult,
} from "../../lib/restoration/mod.ts";
import { fixedBudget } from "../../lib/stopping/mod.ts";
import { noisy, picture, tiny, tinyDip } from "./_pictures.ts";

const clean = picture(20, 28, 3);
const problem = denoising(noisy(clean));
const short: RestoreOptions = {
  objective: "mse",
  network: tiny,
  iterations: 12,
  seed: 3,
  stop: [fixedBudget()],
};

const isFinite = ({ data }: Image) => data.every(Number.isFinite);

/** What must be true of every result. */
function assertComplete({ image, stoppedBy, record }: RunResult, observed: Image): void {
  assert.deepEqual(
    [image.height, image.width, image.channels],
    [observed.height, observed.width, observed.channels],
  );
  assert.equal(image.data.length, observed.data.length);
  assert.ok(isFinite(image), "the image is finite");
  assert.equal(record.stop.reason, stoppedBy);
  assert.deepEqual(JSON.parse(JSON.stringify(record)), record);
  for (const [name, values] of listsOf(record.series)) {
    assert.equal(values.length, record.stop.iteration, `entries of ${name}`);
  }
}

/** Every list of numbers in a series, however deep. */
function listsOf(series: unknown, name = "series"): [name: string, values: unknown[]][] {
  if (Array.isArray(series) && !Array.isArray(series[0])) return [[name, series]];
  return Object.entries(series as object).flatMap(([key, value]) =>
    listsOf(value, `${name}.${key}`)
  );
}

Deno.test("restore() gives the same bytes for the same seed, and different ones for another", async () => {
  for (const network of [tiny, tinyDip]) {
    const run = (seed: number) => restore(problem, { ...short, network, seed }).result;
    const [a, b, c] = [await run(3), await run(3), await run(4)];
    assert.deepEqual(a.image.data, b.image.data);
    assert.deepEqual(a.record.series.loss, b.record.series.loss);
    assert.notDeepEqual(a.image.data, c.image.data);
  }
});

Deno.test("restore() gives the same image iterated over, awaited, or with a reference", async () => {
  const watched = restore(problem, short);
  let iterations = 0, last: Image | undefined;
  for await (const step of watched) {
    assert.equal(step.iteration, ++iterations);
    assert.ok(isFinite(step.output) && step.loss > 0 && step.milliseconds > 0);
    assert.equal(step.psnr, undefined);
    last = step.average;
  }
  const { image, stoppedBy, record } = await watched.result;
  assert.equal(iterations, 12);
  assert.equal(stoppedBy, "iterations");
  assert.deepEqual(record.stop, { reason: "iterations", iteration: 12, best: 12, rule: "budget" });
  assert.deepEqual(image.data, last!.data);

  const awaited = await restore(problem, short).result;
  assert.deepEqual(awaited.image.data, image.data);

  const compared = await restore(problem, { ...short, reference: clean }).result;
  assert.deepEqual(compared.image.data, image.data);
  assert.deepEqual(compared.record.series.loss, record.series.loss);
  const { psnr: ofOutputs, averagePsnr } = compared.record.series;
  assert.equal(ofOutputs!.length, 12);
  assert.equal(averagePsnr!.at(-1), psnr(compared.image, clean));
});

Deno.test("restore()'s record contains the settings as JSON", async () => {
  const result = await restore(problem, { ...short, reference: clean, threads: 1 }).result;
  assertComplete(result, problem.observed);
  const { record } = result;
  assert.equal(record.seed, 3);
  assert.equal(record.task, "denoising");
  assert.deepEqual(record.picture, { height: 20, width: 28, channels: 3 });
  assert.equal(record.settings.network["name"], "decoder");
  assert.equal(record.settings.iterations, 12);
  assert.equal(record.settings.threads, 1);
  assert.ok(record.seconds > 0 && record.engine!.memory > 0);
  assert.deepEqual(record.events, []);
});

Deno.test("restore() leaves no tensors behind", async () => {
  const before = tf.memory().numTensors;
  await restore(problem, short).result;
  assert.equal(tf.memory().numTensors, before);
  await restore(problem, { ...short, network: tinyDip, objective: "r2r", noiseSigma: 0.1 }).result;
  assert.equal(tf.memory().numTensors, before);
  await restore(problem, { ...short, objective: "r2r", noiseSigma: 0.1 }).result.catch(() => {});
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("an AbortSignal ends a run within one step, with an image", async () => {
  const controller = new AbortController();
  const run = restore(problem, { ...short, iterations: 1000, signal: controller.signal });
  let after = 0;
  for await (const { iteration } of run) {
    if (controller.signal.aborted) after++;
    if (iteration === 3) controller.abort();
  }
  const result = await run.result;
  assert.ok(after <= 1, `${after} steps after the signal`);
  assert.equal(result.stoppedBy, "aborted");
  assertComplete(result, problem.observed);
  assert.notDeepEqual(result.image.data, problem.observed.data);
});

Deno.test("an AbortSignal from a timer ends a run that is only awaited", async () => {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 500);
  const result = await restore(problem, {
    ...short,
    iterations: 1_000_000,
    signal: controller.signal,
  }).result;
  clearTimeout(timer);
  assert.equal(result.stoppedBy, "aborted");
  assertComplete(result, problem.observed);
});

Deno.test("a run that is aborted before it begins gives the observed picture", async () => {
  const result = await restore(problem, { ...short, signal: AbortSignal.abort() }).result;
  assert.equal(result.stoppedBy, "aborted");
  assert.equal(result.record.stop.iteration, 0);
  assertComplete(result, problem.observed);
  assert.deepEqual(result.image.data, problem.observed.data);
});

Deno.test("leaving the iteration early ends the run with the picture so far", async () => {
  const run = restore(problem, { ...short, iterations: 1000 });
  let average: Image | undefined;
  for await (const step of run) {
    average = step.average;
    if (step.iteration === 4) break;
  }
  const result = await run.result;
  assert.equal(result.stoppedBy, "aborted");
  assert.equal(result.record.stop.iteration, 4);
  assert.deepEqual(result.image.data, average!.data);
  assertComplete(result, problem.observed);
});

Deno.test("an error in the consumer's loop reaches the consumer, and the run ends", async () => {
  const run = restore(problem, short);
  await assert.rejects(async () => {
    for await (const _ of run) throw new Error("the consumer's own");
  }, /the consumer's own/);
  assert.equal((await run.result).stoppedBy, "aborted");
});

for (const learningRate of [1e6, 1e38]) {
  Deno.test(`a step size of ${learningRate} is noticed, undone and survived`, async () => {
    const run = restore(problem, { ...short, network: tinyDip, learningRate, iterations: 60 });
    for await (const { average } of run) assert.ok(isFinite(average));
    const result = await run.result;
    assertComplete(result, problem.observed);
    const { events } = result.record;
    assert.ok(events.length > 0, "the record says so");
    for (const { kind, message, iteration } of events) {
      assert.equal(kind, "divergence");
      assert.match(message, /step size/);
      assert.ok(iteration >= 1 && iteration <= 60);
    }
  });
}

for (const channels of [1, 3] as const) {
  for (const [height, width] of [[16, 16], [17, 33], [45, 19]] as const) {
    const name = `${height}x${width} in ${channels === 1 ? "grey" : "colour"}`;
    Deno.test(`restore() takes pictures of ${name}`, async () => {
      const observed = noisy(picture(height, width, channels));
      for (const network of [decoder({ channels: 4, inputChannels: 4 }), tinyDip]) {
        const result = await restore(denoising(observed), { network, iterations: 2 }).result;
        assertComplete(result, observed);
      }
    });
  }
}

Deno.test("alpha and bit depth are those of the observed picture", async () => {
  const observed: Image = {
    ...noisy(picture(16, 16, 1)),
    alpha: new Float32Array(256).fill(0.5),
    bitDepth: 16,
  };
  const { image } = await restore(denoising(observed), { ...short, iterations: 1 }).result;
  assert.deepEqual(image.alpha, observed.alpha);
  assert.equal(image.bitDepth, 16);
});

const network = dip({ channels: 16, scales: 3, inputChannels: 8 });
const OBJECTIVES: RestoreOptions[] = [
  { objective: "mse", iterations: 250 },
  { objective: "sure", noiseSigma: 0.1, iterations: 250 },
  { objective: "r2r", noiseSigma: 0.1, iterations: 250 },
];

for (const options of OBJECTIVES) {
  Deno.test(`${options.objective} restores a picture`, async () => {
    const clean = picture(48, 48, 1), observed = noisy(clean);
    const { image, record } = await restore(denoising(observed), { network, ...options }).result;
    const gain = psnr(image, clean) - psnr(observed, clean);
    assert.ok(gain > 9, `${gain} dB`);
    assert.equal(record.settings.objective, options.objective);
  });
}

for (const objective of ["sure", "r2r"] as const) {
  Deno.test(`${objective} still restores with twice the noise level`, async () => {
    const clean = picture(48, 48, 1), observed = noisy(clean);
    const options = { network, objective, noiseSigma: 0.2, iterations: 250 };
    const { image, record } = await restore(denoising(observed), options).result;
    const gain = psnr(image, clean) - psnr(observed, clean);
    assert.ok(gain > 1, `${gain} dB`);
    const atLast = record.series.divergence!.slice(-50).map((value) => value!);
    const mean = atLast.reduce((a, b) => a + b) / atLast.length;
    assert.ok(Math.abs(mean) < 0.1, `the noise's gain is ${mean}`);
  });
}

const WRONG: [name: string, options: RestoreOptions][] = [
  ["iterations", { iterations: 0 }],
  ["iterations", { iterations: 1.5 }],
  ["iterations", { iterations: NaN }],
  ["seed", { seed: -1 }],
  ["seed", { seed: 0.5 }],
  ["learningRate", { learningRate: 0 }],
  ["learningRate", { learningRate: NaN }],
  ["learningRate", { learningRate: Infinity }],
  ["inputNoise", { inputNoise: -0.1 }],
  ["averaging", { averaging: 1 }],
  ["averaging", { averaging: -0.1 }],
  ["threads", { threads: 0 }],
  ["noiseSigma", { objective: "sure", network: tinyDip, noiseSigma: 0 }],
  ["noiseSigma", { objective: "r2r", network: tinyDip, noiseSigma: 2 }],
  ["network", { objective: "sure", noiseSigma: 0.1 }],
  ["reference", { reference: picture(20, 27, 3) }],
];

for (const [name, options] of WRONG) {
  const shown = Deno.inspect(options[name as keyof RestoreOptions], { depth: 0, compact: true });
  Deno.test(`\`${name}\` out of range is a RangeError of the result: ${shown}`, async () => {
    const set = { ...short, ...options };
    await assert.rejects(restore(problem, set).result, RangeError);
    const run = restore(problem, set);
    await assert.rejects(async () => {
      for await (const _ of run);
    }, RangeError);
    await assert.rejects(run.result, RangeError);
  });
}

Deno.test("by default mse is stopped by held-out pixels, a risk estimate by its budget", async () => {
  const rulesOf = async (options: RestoreOptions) =>
    (await restore(problem, { network: tinyDip, iterations: 2, ...options }).result).record.rules
      .map(({ name }) => name);
  assert.deepEqual(await rulesOf({ objective: "mse" }), ["held-out"]);
  assert.deepEqual(await rulesOf({ objective: "r2r", noiseSigma: 0.1 }), ["budget"]);
});

Deno.test("a picture without noise is the result where the noise level is needed", async () => {
  const flat = createImage({ height: 32, width: 32, channels: 1 });
  for (const objective of ["r2r", "sure"] as const) {
    const run = restore(denoising(flat), { ...short, network: tinyDip, objective });
    const { image, stoppedBy, record } = await run.result;
    assert.ok(image.data.every((value) => value === 0));
    assert.equal(stoppedBy, "iterations");
    assert.equal(record.stop.iteration, 0);
  }
});

Deno.test("a failed run whose result is not awaited causes no unhandled rejection", async () => {
  restore(problem, { ...short, iterations: 0 }).result;
  restore(problem, { ...short, iterations: 0 })[Symbol.asyncIterator]();
  await new Promise((resolve) => setTimeout(resolve, 50));
});

Deno.test("restore() denoises by the guided objective wherever the network can correct a picture", async () => {
  const objectiveOf = async (options: RestoreOptions) => {
    const set = { iterations: 1, noiseSigma: 0.1, ...options };
    return (await restore(problem, set).result).record.settings.objective;
  };
  assert.equal(await objectiveOf({ network: tinyDip, draws: 1 }), "guided");
  assert.equal(await objectiveOf({ network: tiny }), "mse");
});

Deno.test("restore() with a number of iterations alone improves a picture", async () => {
  const clean = picture(48, 48, 1), observed = noisy(clean);
  const { image, record } = await restore(denoising(observed), { iterations: 60 }).result;
  const gain = psnr(image, clean) - psnr(observed, clean);
  assert.equal(record.settings.objective, "guided");
  assert.ok(gain > 9, `${gain} dB`);
});

Deno.test("an unknown option is an error that names the nearest one", async () => {
  const misspelt: [wrong: string, right: string][] = [
    ["objectve", "objective"],
    ["learning_rate", "learningRate"],
    ["noisesigma", "noiseSigma"],
    ["iteration", "iterations"],
  ];
  for (const [wrong, right] of misspelt) {
    const options = { ...short, [wrong]: 1 };
    const error = {
      name: "TypeError",
      message: `\`${wrong}\` is not an option: did you mean \`${right}\`?`,
    };
    await assert.rejects(restore(problem, options).result, error);
    assert.throws(() => restoreInTiles(problem, options), error);
  }
});

Deno.test("a picture in place of a problem is an error that explains what a problem is", async () => {
  for (const wrong of [problem.observed, undefined, {}]) {
    const error = { name: "TypeError", message: /^`problem` must .* `denoising\(image\)`/ };
    await assert.rejects(restore(wrong as unknown as Degradation).result, error);
  }
});
