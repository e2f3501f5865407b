// The ring correlation expected from one picture, against that of two pictures with the same kind of noise.
import assert from "node:assert/strict";
import { addCameraNoise } from "../../lib/degradation/mod.ts";
import { createImage, type Image } from "../../lib/image/mod.ts";
import {
  drawNoise,
  estimateNoise,
  expectedRingCorrelation,
  type NoiseModel,
  whiteNoise,
} from "../../lib/noise/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { fourierRingCorrelation, isotropicRings, spectrumOf } from "../../lib/spectrum/mod.ts";
import { square } from "./_kinds.ts";

const withNoise = (clean: Image, model: NoiseModel, seed: number): Image => {
  const noise = drawNoise(model, clean, random(seed));
  return { ...clean, data: clean.data.map((value, i) => value + noise[i]!) };
};

/** Noise of a model in three channels that are alike in part, smoothed, stronger where it is bright. */
const COLOURED: NoiseModel = {
  channels: 3,
  luminance: [0.2, 0.8],
  variance: [[0.001, 0.003], [0.0005, 0.001], [0.0003, 0.0008]],
  autocorrelation: Array.from({ length: 3 }, () => [1, 0.4, 0.4, 0.16]),
  correlation: [[1, 0.3, -0.2], [0.3, 1, 0.1], [-0.2, 0.1, 1]],
};

for (
  const [name, model] of Object.entries({ white: whiteNoise(0.1, 3), coloured: COLOURED })
) {
  for (const window of ["none", "tukey"] as const) {
    Deno.test(`expectedRingCorrelation() is that of two pictures: ${name} noise, window ${window}`, async () => {
      const clean = await square("chelsea", 0.5, 0.5);
      const rings = isotropicRings(clean.height, clean.width, 16);
      const [first, second] = [1, 2].map((seed) => withNoise(clean, model, seed)) as [Image, Image];
      const { correlation } = expectedRingCorrelation(first, model, { window }, rings);
      const measured = fourierRingCorrelation(
        spectrumOf(first, { window }),
        spectrumOf(second, { window }),
        rings,
      );
      measured.correlation.forEach((value, ring) => {
        const off = Math.abs(correlation[ring]! - value);
        // Two estimates, each with an error of about one over the root of the ring's coefficients.
        assert.ok(off < 0.03 + 3 / Math.sqrt(rings.sizes[ring]!), `ring ${ring}: ${off}`);
      });
    });
  }
}

Deno.test("the correlation of two photographs is estimated from one and the estimate of its noise", async () => {
  const clean = await square("astronaut", 0, 0.2);
  const [first, second] = await Promise.all(
    [1, 2].map((seed) => addCameraNoise(clean, 6400, seed)),
  ) as [Image, Image];
  const rings = isotropicRings(clean.height, clean.width, 16),
    options = { window: "tukey" } as const;
  const { correlation } = expectedRingCorrelation(first, estimateNoise(first), options, rings);
  const measured = fourierRingCorrelation(
    spectrumOf(first, options),
    spectrumOf(second, options),
    rings,
  );
  // Demosaicing and the file leave the same mark on both photographs.
  assert.ok(measured.correlation.at(-1)! < 0.5 && measured.correlation[4]! > 0.9);
  measured.correlation.forEach((value, ring) => {
    assert.ok(Math.abs(correlation[ring]! - value) < 0.15, `ring ${ring}`);
  });
});

Deno.test("expectedRingCorrelation() refuses another number of channels", () => {
  const grey = createImage({ height: 16, width: 16, channels: 1 });
  assert.throws(
    () => expectedRingCorrelation(grey, whiteNoise(0.1, 3)),
    /`noise` must have 1 channels/,
  );
});
