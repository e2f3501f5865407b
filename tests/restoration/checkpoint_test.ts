// A resumed run gives the same bytes as an uninterrupted one.
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Degradation, denoising } from "../../lib/degradation/mod.ts";
import { tf } from "../../lib/engine/mod.ts";
import { decoder } from "../../lib/network/mod.ts";
import { restore, type RestoreOptions } from "../../lib/restoration/mod.ts";
import {
  bandPlateau,
  blurSharpness,
  discrepancy,
  fixedBudget,
  heldOutPixels,
  movingVariance,
  type StoppingRule,
  windowedVariance,
} from "../../lib/stopping/mod.ts";
import { noisy, picture, tiny, tinyDip } from "./_pictures.ts";
import { assertResumable, assertSame, inFolder } from "./_resuming.ts";

const clean = picture(20, 28, 3), observed = noisy(clean), problem = denoising(observed);
const short: RestoreOptions = {
  objective: "mse",
  network: tiny,
  iterations: 34,
  seed: 3,
  noiseSigma: 0.1,
};

const OBJECTIVES: Record<string, RestoreOptions> = {
  "mse, pixels held out": { ...short, stop: [heldOutPixels()] },
  "mse of dip, fresh noise": { ...short, network: tinyDip, stop: [fixedBudget()] },
  "r2r": { ...short, network: tinyDip, objective: "r2r" },
  "sure": { ...short, network: tinyDip, objective: "sure" },
  "guided": { ...short, network: tinyDip, objective: "guided", draws: 2 },
  // The noise level is far too high: the strength falls.
  "r2r, its strength corrected": {
    ...short,
    network: tinyDip,
    objective: "r2r",
    noiseSigma: 0.4,
    learningRate: 0.1,
    warmUp: 0,
    iterations: 60,
  },
};

for (const [name, options] of Object.entries(OBJECTIVES)) {
  Deno.test(`${name}: resumed as if never interrupted`, async () => {
    await assertResumable(problem, options, 7, [1, 7, 9, 15, 27]);
  });
}

/** Rules of few iterations, so that all have something to say; none ends the run before the others. */
const RULES: readonly StoppingRule[] = [
  fixedBudget({ iterations: 33 }),
  heldOutPixels({ patience: 3 }),
  blurSharpness({ window: 5 }),
  blurSharpness({ form: "paper", window: 4 }),
  windowedVariance({ window: 6, patience: 3 }),
  movingVariance({ start: 5, patience: 3 }),
  discrepancy({ window: 4 }),
  bandPlateau({ window: 5, level: 0.2 }),
];

for (const [i, rule] of RULES.entries()) {
  Deno.test(`${rule.name} decides a resumed run as if never interrupted`, async () => {
    const stop = [rule, ...RULES.filter((_, other) => other !== i)];
    await assertResumable(problem, { ...short, stop }, 6, [5, 12, 23]);
  });
}

Deno.test("a vote decided after a checkpoint is decided as if never interrupted", async () => {
  const whole = await assertResumable(
    problem,
    { ...short, iterations: 60, stop: RULES, decision: "vote" },
    5,
    [6, 12, 16],
  );
  assert.equal(whole.stoppedBy, "rule");
  assert.ok(whole.record.stop.iteration > 16, `${whole.record.stop.iteration}`);
});

Deno.test("a steered run is resumed with its bound", async () => {
  const network = decoder({ channels: 8, scales: 2, inputChannels: 8, lipschitz: 3 });
  const steered: RestoreOptions = { ...short, network, steerFrom: 3, iterations: 80 };
  // The noise level is far too high, so that the bound begins to move at once.
  const options = { ...steered, noiseSigma: 0.5, stop: [fixedBudget()] };
  const { record } = await assertResumable(problem, options, 10, [3, 25, 55]);
  const lambdas = record.series.lambda as number[];
  assert.ok(lambdas.at(-1)! < lambdas[0]!);
});

/** A data term that leaps by far more than a divergence once it has come down to 0.02. */
const cliff: Degradation = {
  ...problem,
  misfit(...args) {
    const misfit = problem.misfit(...args);
    return misfit.add(misfit.neg().add(0.02).relu().mul(1e6)) as tf.Scalar;
  },
};

for (const network of [tiny, tinyDip]) {
  Deno.test(`a run of ${network.name} that diverges repeatedly is resumed`, async () => {
    const options = { ...short, network, stop: [fixedBudget()], iterations: 60 };
    // Checkpoints after each iteration: also where a divergence has just been undone.
    const { record } = await assertResumable(cliff, options, 1, [3, 26, 28, 36, 42, 50, 59]);
    const divergences = record.events.map(({ kind, iteration }) => {
      assert.equal(kind, "divergence");
      return iteration;
    });
    // Also after iteration 25, to the state that was kept there.
    assert.ok(divergences.length > 1 && divergences.at(-1)! > 25, `${divergences}`);
  });
}

Deno.test("a run that has ended by divergence is resumed to the same end", async () => {
  const options = { ...short, network: tinyDip, learningRate: 1e38, iterations: 200 };
  const whole = await assertResumable(problem, options, 1, [2, 5]);
  assert.equal(whole.stoppedBy, "diverged");
});

Deno.test("snapshots, a reference and its account are resumed", async () => {
  const alpha = new Float32Array(20 * 28).fill(0.5);
  const whole = await assertResumable(
    denoising({ ...observed, alpha, bitDepth: 16 }),
    { ...short, reference: clean, snapshots: true, stop: [heldOutPixels(), fixedBudget()] },
    7,
    [8, 20],
  );
  assert.ok(whole.record.snapshots!.steps.length > 4);
  assert.deepEqual(whole.image.alpha, alpha);
});

Deno.test("a run that has ended and is resumed gives its result again", async () => {
  await inFolder(async (folder) => {
    const checkpoint = { file: join(folder, "run.checkpoint"), every: 4, resume: true };
    for (const stop of [fixedBudget({ iterations: 12 }), fixedBudget()]) {
      const options = { ...short, iterations: 24, stop: [stop], checkpoint };
      const whole = await restore(problem, options).result;
      let steps = 0;
      const again = restore(problem, options);
      for await (const _ of again) steps++;
      assert.equal(steps, 0);
      assertSame(await again.result, whole);
      await Deno.remove(checkpoint.file);
    }
  });
});

Deno.test("without `resume` a run begins, and replaces an older file", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "run.checkpoint");
    await Deno.writeTextFile(file, "something else");
    const options = { ...short, iterations: 10, checkpoint: { file, every: 5 } };
    const whole = await restore(problem, options).result;
    const first = await Deno.readFile(file);
    const run = restore(problem, options);
    for await (const { iteration } of run) {
      assert.equal(iteration, 1);
      break;
    }
    assert.deepEqual(await Deno.readFile(file), first);
    const resumed = { ...options, checkpoint: { file, every: 7, resume: true } };
    assertSame(await restore(problem, resumed).result, whole);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["run.checkpoint"]);
  });
});

Deno.test("an interrupt, another memory limit and another frequency do not matter to a resumed run", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "run.checkpoint");
    const whole = await restore(problem, short).result;
    const controller = new AbortController();
    const run = restore(problem, {
      ...short,
      signal: controller.signal,
      checkpoint: { file, every: 10 },
    });
    for await (const { iteration } of run) if (iteration === 14) controller.abort();
    assert.equal((await run.result).stoppedBy, "aborted");
    const resumed = restore(problem, {
      ...short,
      memoryLimit: 1e9,
      checkpoint: { file, every: 3, resume: true },
    });
    assertSame(await resumed.result, whole);
  });
});

Deno.test("a resumed run uses the same convolutions, whatever memory is available now", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "run.checkpoint");
    // Channels that are no whole blocks: the convolutions in blocks are faster than the transform.
    const wide = decoder({ channels: 36, scales: 2, inputChannels: 32 });
    const options: RestoreOptions = { ...short, network: wide, iterations: 7 };
    const large = denoising(noisy(picture(128, 128, 1)));
    const whole = await restore(large, options).result;
    const { memory, convolutions } = whole.record.engine!;
    assert.equal(convolutions, "winograd");
    // One byte too few for that: a run that begins takes the other way.
    const memoryLimit = memory - 1, checkpoint = { file, every: 4, resume: true };
    const other = await restore(large, { ...options, memoryLimit }).result;
    assert.equal(other.record.engine!.convolutions, "direct");
    const run = restore(large, { ...options, memoryLimit, checkpoint });
    for await (const { iteration } of run) if (iteration === 6) break;
    const resumed = await restore(large, { ...options, checkpoint }).result;
    assertSame(resumed, other);
  });
});

Deno.test("checkpoints leave no tensors behind", async () => {
  await inFolder(async (folder) => {
    const checkpoint = { file: join(folder, "run.checkpoint"), every: 5, resume: true };
    const options = { ...short, network: tinyDip, checkpoint };
    const before = tf.memory().numTensors;
    for await (const { iteration } of restore(problem, options)) if (iteration === 12) break;
    await restore(problem, options).result;
    assert.equal(tf.memory().numTensors, before);
  });
});
