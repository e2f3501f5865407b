// SURE and R2R: for a network f(y) = c y their expectations are known in closed form.
import assert from "node:assert/strict";
import { denoising } from "../../lib/degradation/mod.ts";
import { tf } from "../../lib/engine/mod.ts";
import { createImage } from "../../lib/image/mod.ts";
import type { Architecture } from "../../lib/network/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { noiseLevel } from "../../lib/restoration/noise_level.ts";
import { r2rObjective } from "../../lib/restoration/r2r_objective.ts";
import { sureObjective } from "../../lib/restoration/sure_objective.ts";
import { picture, tinyDip } from "./_pictures.ts";

const SIGMA = 0.05, SIDE = 24, PICTURES = 400;

/** Far from 0 and 1, so that no noise is cut off. */
const clean = createImage({
  height: SIDE,
  width: SIDE,
  channels: 1,
  data: picture(SIDE, SIDE, 1).data.map((value) => 0.5 + (value - 0.5) / 4),
});
const power = clean.data.reduce((sum, value) => sum + value ** 2, 0) / clean.data.length;

/** A network that multiplies a picture by c. */
const scaling = (c: number): Architecture => ({
  ...tinyDip,
  multiple: 1,
  minimum: 1,
  buildFromImage: ({ height, width, channels }) =>
    tf.sequential({
      layers: [
        tf.layers.depthwiseConv2d({
          inputShape: [height, width, channels],
          kernelSize: 1,
          useBias: false,
          depthwiseInitializer: tf.initializers.constant({ value: c }),
        }),
      ],
    }),
});

/** An objective's loss and divergence. */
interface Evaluated {
  readonly loss: number;
  readonly divergence: number;
}

/** Mean and standard error of the mean. */
function meanOf(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, error: Math.sqrt(variance / values.length) };
}

/** The mean loss and divergence of f(y) = c y over many pictures y, each with noise of its own. */
function expectationsOf(createObjective: typeof r2rObjective, c: number) {
  const losses: number[] = [], divergences: number[] = [];
  for (let seed = 0; seed < PICTURES; seed++) {
    const noise = new Float32Array(clean.data.length);
    random(seed).fillNormal(noise, SIGMA);
    // All noise, and all of it negated, which is as likely: what is linear in it cancels, so that fewer pictures do.
    const [plus, minus] = [1, -1].map((sign) => {
      const observed = { ...clean, data: clean.data.map((value, i) => value + sign * noise[i]!) };
      const level = noiseLevel(observed, SIGMA);
      const objective = createObjective(denoising(observed), scaling(c), 1, level);
      const drawn = objective.draw(random(seed + PICTURES));
      const evaluated = tf.tidy(() => {
        const inputs = Object.entries(objective.inputs).map(([name, shape]) => {
          const value = drawn[name]!;
          return [
            name,
            typeof value === "number" ? tf.scalar(value) : tf.tensor(value, [...shape]).mul(sign),
          ] as const;
        });
        const { loss, divergence } = objective.evaluate(Object.fromEntries(inputs));
        return { loss: loss.dataSync()[0]!, divergence: divergence!.dataSync()[0]! };
      });
      objective.dispose();
      return evaluated;
    }) as [Evaluated, Evaluated];
    losses.push((plus.loss + minus.loss) / 2);
    divergences.push((plus.divergence + minus.divergence) / 2);
  }
  return { loss: meanOf(losses), divergence: meanOf(divergences) };
}

/** The mean squared error of c (y + part of σ more noise) to the clean picture. */
const riskOf = (c: number, part: number) =>
  (1 - c) ** 2 * power + c ** 2 * SIGMA ** 2 * (1 + part ** 2);

/** What each objective estimates: the risk on its own noisier input, and a constant that no network changes. */
const ESTIMATES = [
  // R2R's input has noise of σ/2 more, and its target noise of σ + σ/α more, α = 1/2.
  { name: "R2R", create: r2rObjective, part: 0.5, constant: SIGMA ** 2 * (1 + 4) },
  { name: "SURE", create: sureObjective, part: 0.5, constant: 0 },
];

for (const { name, create, part, constant } of ESTIMATES) {
  for (const c of [0, 0.6, 1]) {
    Deno.test(`${name} is unbiased: its mean over noise is the risk of f(y) = ${c} y`, () => {
      const { loss, divergence } = expectationsOf(create, c);
      const expected = riskOf(c, part) + constant;
      // What four standard errors can hide is far less than any term of the loss, which are multiples of σ².
      assert.ok(loss.error < SIGMA ** 2 / 50, `standard error ${loss.error}`);
      const within = 4 * loss.error + 1e-7;
      assert.ok(Math.abs(loss.mean - expected) < within, `${loss.mean}, ${expected} ± ${within}`);
      const off = Math.abs(divergence.mean - c);
      assert.ok(off < 4 * divergence.error + 1e-3, `divergence ${divergence.mean}`);
    });
  }
}
