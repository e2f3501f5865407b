// findImpulses(): it finds salt, pepper and hot pixels, and none in other noise and sharp pictures.
import assert from "node:assert/strict";
import { addGaussianNoise, createImage, type Image, readImage } from "../../lib/image/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { findImpulses } from "../../lib/noise/mod.ts";

const picture = (name: string) =>
  readImage(new URL(`../../data/${name}.png`, import.meta.url).pathname);

/** A share of the samples set to one of some values, and which. */
function corrupted(clean: Image, share: number, values: readonly number[]) {
  const { uniform } = random(7), data = clean.data.slice();
  const isHit = data.map(() => uniform() < share ? 1 : 0);
  isHit.forEach((hit, i) => {
    if (hit) data[i] = values[Math.floor(uniform() * values.length)]!;
  });
  return { noisy: { ...clean, data }, isHit };
}

for (const name of ["chelsea", "camera", "coffee"]) {
  for (
    const [kind, share, values] of [
      ["salt and pepper", 0.1, [0, 1]],
      ["salt and pepper", 0.7, [0, 1]],
      ["salt", 0.02, [1]],
    ] as const
  ) {
    Deno.test(`findImpulses() finds ${kind} of ${100 * share} % in ${name}`, async () => {
      const clean = await picture(name);
      const { noisy, isHit } = corrupted(clean, share, values), found = findImpulses(noisy)!;
      let visible = 0, missed = 0, wrong = 0;
      isHit.forEach((hit, i) => {
        // An impulse on a place as dark or bright as itself changes nothing.
        const isVisible = hit === 1 && Math.abs(noisy.data[i]! - clean.data[i]!) > 0.2;
        if (isVisible) visible++;
        if (isVisible && !found[i]) missed++;
        if (!hit && found[i]) wrong++;
      });
      assert.ok(missed < 0.05 * visible, `${missed} of ${visible} missed`);
      assert.ok(wrong < 0.01 * found.length, `${wrong} of ${found.length} wrong`);
    });
  }

  Deno.test(`findImpulses() finds none in ${name}, nor in Gaussian noise of it`, async () => {
    const clean = await picture(name);
    assert.equal(findImpulses(clean), undefined);
    for (const sigma of [25, 60]) {
      const { data, ...rest } = addGaussianNoise(clean, sigma / 255, 3);
      const clipped = { ...rest, data: data.map((value) => Math.min(Math.max(value, 0), 1)) };
      assert.equal(findImpulses(clipped), undefined, `${sigma}`);
    }
  });
}

Deno.test("findImpulses() finds none in thin lines and a few stars", () => {
  const size = { height: 64, width: 64, channels: 1 } as const;
  const lines = Float32Array.from(
    { length: 4096 },
    (_, i) => i % 64 % 5 === 0 || (i >> 6) % 9 === 0 ? 0 : 1,
  );
  assert.equal(findImpulses(createImage({ ...size, data: lines })), undefined);
  const stars = Float32Array.from({ length: 4096 }, (_, i) => i % 401 === 0 ? 1 : 0.02);
  assert.equal(findImpulses(createImage({ ...size, data: stars })), undefined);
});

Deno.test("findImpulses() finds a single one if the picture is known to have some", () => {
  const data = new Float32Array(32 * 32).fill(0.4);
  data[500] = 1;
  const image = createImage({ height: 32, width: 32, channels: 1, data });
  assert.equal(findImpulses(image), undefined);
  assert.ok(findImpulses(image, { fewest: 0 })!.every((value, i) => value === Number(i === 500)));
  data[500] = 0.4;
  assert.equal(findImpulses(image, { fewest: 0 }), undefined);
});

Deno.test("a picture of black and white alone, such as a fax, has no impulses", () => {
  const { uniform } = random(9);
  // A ramp by random dithering: near its ends single pixels are alone among others.
  const data = Float32Array.from({ length: 64 * 64 }, (_, i) => uniform() < (i % 64) / 63 ? 1 : 0);
  assert.equal(findImpulses(createImage({ height: 64, width: 64, channels: 1, data })), undefined);
});
