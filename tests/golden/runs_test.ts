// Whole training runs against the method's public code in PyTorch, from the same parameters.
import assert from "node:assert/strict";
import { adam, adamScalars, compile, tf } from "../../lib/engine/mod.ts";
import {
  type Architecture,
  decoder,
  dip,
  gaussianUpsampling,
  nearestUpsampling,
  variablesOf,
} from "../../lib/network/mod.ts";
import { type Image, luminance } from "../../lib/image/mod.ts";
import { bandCorrespondence, paperRings, spectrumOf } from "../../lib/spectrum/mod.ts";
import { blurriness, sharpness } from "../../lib/stopping/mod.ts";

import { decoderNames, dipNames, fromTorch, loadWeights, readGoldenRun } from "./_golden.ts";

/** Rounding grows: the reference in float64 differs from itself by 1e-6, 1e-5, 1e-4 and 1 % (README.md). */
const BOUNDS = [[5, 1e-5], [10, 1e-4], [20, 1e-3]] as const;

/** H, a number from 0 to 1, and relatively, ten times as roughly, blurriness over sharpness, which hangs on the steepest edges. */
const MEASURE_BOUNDS = [[0, 1e-5], [10, 1e-3], [20, 1e-2]] as const;

const small = { channels: 12, scales: 3, inputChannels: 16 };
const RUNS: Record<string, Architecture> = {
  decoder_bilinear: decoder({ ...small, lipschitz: 1.4 }),
  decoder_nearest: decoder({ ...small, upsampling: nearestUpsampling() }),
  decoder_gaussian: decoder({
    ...small,
    lipschitz: 1.8,
    upsampling: gaussianUpsampling({ sigma: [0.1, 0.5, 0.5], kernelSum: "paper" }),
  }),
  dip_skip: dip({ ...small, skipChannels: 4 }),
};

/** The picture of a golden run, whose pixels `[64, 64, 3]` these are. */
const picture = (data: Float32Array): Image => ({ height: 64, width: 64, channels: 3, data });

/** The losses, the outputs that the golden run has measured, and the channel means of the first and last. */
async function follow(name: string, architecture: Architecture) {
  const golden = await readGoldenRun(name);
  const { model } = architecture.build({ height: 64, width: 64, channels: 3 }, 0);
  loadWeights(model, golden, name === "dip_skip" ? dipNames : decoderNames);
  const [z, target] = ["input_z", "target"].map((key) =>
    tf.tidy(() => tf.variable(fromTorch(golden.tensors.get(key)!, "image"), false))
  ) as [tf.Variable, tf.Variable];
  const variables = variablesOf(model), optimiser = adam(variables);
  const step = await compile(({ rate, epsilon }) => {
    let means!: tf.Tensor, picture!: tf.Tensor;
    const { value: loss, grads } = tf.variableGrads(() => {
      const output = model.apply(z) as tf.Tensor;
      means = tf.keep(output.mean([0, 1, 2]));
      picture = tf.keep(output);
      return output.sub(target).square().mean();
    }, variables);
    const gradients = variables.map((v) => grads[v.name] ?? tf.zerosLike(v));
    optimiser.update(gradients, rate!, epsilon!);
    return { loss, means, picture };
  }, { inputs: { rate: [], epsilon: [] } });
  try {
    const losses: number[] = [], means: Float32Array[] = [];
    const outputs: Record<string, Float32Array> = {};
    for (let i = 0; i < golden.losses.length; i++) {
      const { outputs: { loss, means: mean, picture } } = await step.run(
        adamScalars(golden.learningRate, i),
      );
      losses.push(loss![0]!);
      means.push(mean!);
      if (i in golden.bands) outputs[i] = picture!;
    }
    return { golden, losses, outputs, first: means[0]!, last: means.at(-1)! };
  } finally {
    step.dispose();
    optimiser.dispose();
    tf.dispose([z, target]);
    model.dispose();
  }
}

for (const [name, architecture] of Object.entries(RUNS)) {
  Deno.test(`the golden run ${name} is followed`, async () => {
    const { golden, losses, outputs, first, last } = await follow(name, architecture);
    const errors = losses.map((loss, i) => Math.abs(loss / golden.losses[i]! - 1));
    for (const [iterations, bound] of BOUNDS) {
      const worst = Math.max(...errors.slice(0, iterations));
      assert.ok(worst <= bound, `${worst} over the first ${iterations} iterations`);
    }
    assert.ok(errors.at(-1)! <= 0.05, `${errors.at(-1)} at the end`);
    const rings = paperRings(64, 64);
    const pixels = fromTorch(golden.tensors.get("target")!, "image");
    const target = spectrumOf(picture(pixels.dataSync<"float32">()));
    pixels.dispose();
    for (const [iteration, bound] of MEASURE_BOUNDS) {
      const output = picture(outputs[iteration]!), grey = luminance(output);
      const bands = bandCorrespondence(spectrumOf(output), target, rings);
      const worst = Math.max(
        ...bands.map((band, i) => Math.abs(band - golden.bands[iteration]![i]!)),
      );
      assert.ok(worst <= bound, `H off by ${worst} at iteration ${iteration}`);
      const ratio = blurriness(grey) / sharpness(grey) / golden.ratios[iteration]! - 1;
      assert.ok(Math.abs(ratio) <= 10 * bound, `ratio off by ${ratio} at iteration ${iteration}`);
    }
    golden.firstMeans.forEach((mean, c) => assert.ok(Math.abs(first[c]! - mean) < 1e-5));
    golden.lastMeans.forEach((mean, c) => assert.ok(Math.abs(last[c]! - mean) < 0.02));
  });
}
