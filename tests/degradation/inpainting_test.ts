// Holes: only known pixels count, and they are kept; the initial estimate fills holes from their borders.
import assert from "node:assert/strict";
import { inpainting, randomMask } from "../../lib/degradation/mod.ts";
import { tf } from "../../lib/engine/mod.ts";
import { createImage, type Image } from "../../lib/image/mod.ts";
import { assertClose, chance, misfitOf, tensorOf } from "./_operators.ts";

const picture = chance(19, 23, 3, 1), mask = randomMask(picture, 0.6, 2);
const isKnown = (i: number) => mask.data[Math.floor(i / 3)] === 1;

Deno.test("inpainting takes a pixel as known in all channels", () => {
  const { known, settings } = inpainting(picture, mask);
  known!.data.forEach((value, i) => assert.equal(value, isKnown(i) ? 1 : 0));
  const share = mask.data.reduce((a, b) => a + b) / mask.data.length;
  assertClose([settings["known"] as number], [share]);
});

Deno.test("inpainting's data term is the mean square over what is known", () => {
  const problem = inpainting(picture, mask), output = chance(19, 23, 3, 3);
  let sum = 0, count = 0;
  output.data.forEach((value, i) => {
    if (!isKnown(i)) return;
    sum += (value - picture.data[i]!) ** 2;
    count++;
  });
  assertClose([misfitOf(problem, output, picture, problem.known)], [sum / count]);
});

Deno.test("the values in the holes have no effect", () => {
  const other: Image = {
    ...picture,
    data: picture.data.map((value, i) => isKnown(i) ? value : 1 - value),
  };
  const [a, b] = [picture, other].map((image) => inpainting(image, mask)) as [
    ReturnType<typeof inpainting>,
    ReturnType<typeof inpainting>,
  ];
  assert.deepEqual(a.initialEstimate.data, b.initialEstimate.data);
  const output = chance(19, 23, 3, 4);
  assert.equal(
    misfitOf(a, output, picture, a.known),
    misfitOf(b, output, other, b.known),
  );
  assert.deepEqual(a.finish!(output).data, b.finish!(output).data);
});

Deno.test("filling keeps the known pixels and stays within their range", () => {
  const { initialEstimate } = inpainting(picture, mask);
  for (const c of [0, 1, 2]) {
    const values = [...picture.data].filter((_, i) => i % 3 === c && isKnown(i));
    const [least, most] = [Math.min(...values), Math.max(...values)];
    initialEstimate.data.forEach((value, i) => {
      if (isKnown(i)) assert.equal(value, picture.data[i]);
      else if (i % 3 === c) assert.ok(value >= least - 1e-6 && value <= most + 1e-6);
    });
  }
});

Deno.test("one known pixel fills the whole picture", () => {
  const data = Float32Array.from({ length: 17 * 31 }, (_, i) => i === 200 ? 0.7 : 0);
  const grey = createImage({ height: 17, width: 31, channels: 1, data });
  const one = { ...grey, data: data.map((value) => value > 0 ? 1 : 0) };
  assertClose(inpainting(grey, one).initialEstimate.data, new Float32Array(17 * 31).fill(0.7));
});

Deno.test("a hole is filled from its border, not from distant pixels", () => {
  const data = Float32Array.from({ length: 32 * 32 }, (_, i) => i % 32 < 16 ? 0.2 : 0.8);
  const grey = createImage({ height: 32, width: 32, channels: 1, data });
  const holes = {
    ...grey,
    data: data.map((_, i) => [3 * 32 + 3, 9 * 32 + 28].includes(i) ? 0 : 1),
  };
  assertClose(inpainting(grey, holes).initialEstimate.data, data);
});

Deno.test("known pixels stay unless they are noisy", () => {
  const output = chance(19, 23, 3, 5);
  const kept = inpainting(picture, mask).finish!(output);
  kept.data.forEach((value, i) =>
    assert.equal(value, isKnown(i) ? picture.data[i] : output.data[i])
  );
  assert.equal(inpainting(picture, mask, { keep: false }).finish, undefined);
});

Deno.test("inpainting() refuses a mask of another size, of colour, or without known pixels", () => {
  assert.throws(() => inpainting(picture, chance(23, 19, 1, 1)), /`mask` must be grey and 23x19/);
  assert.throws(() => inpainting(picture, chance(19, 23, 3, 1)), /`mask` must be grey/);
  const none = createImage({ height: 19, width: 23, channels: 1 });
  assert.throws(() => inpainting(picture, none), /no pixel known/);
});

/** A hole's filling by the formula: means weighted by Gaussians, each scaled to sum to 1 over the picture's sides. */
function guessed(
  image: Image,
  visible: Float32Array,
  row: number,
  column: number,
  c: number,
): number {
  const along = (size: number, from: number, sigma: number) => {
    const all = Array.from(
      { length: size },
      (_, i) => Math.exp(-((i - from) ** 2) / 2 / sigma ** 2),
    );
    const sum = all.reduce((a, b) => a + b);
    return all.map((weight) => weight / sum);
  };
  let sum = 0, weights = 0;
  [0.8, 2.5, 8, 32].forEach((sigma, i) => {
    const down = along(image.height, row, sigma), across = along(image.width, column, sigma);
    visible.forEach((isVisible, pixel) => {
      const weight = 1e-3 ** i * isVisible * down[Math.floor(pixel / image.width)]! *
        across[pixel % image.width]!;
      sum += weight * image.data[pixel * image.channels + c]!;
      weights += weight;
    });
  });
  return sum / weights;
}

Deno.test("the fill within a step keeps visible pixels, and fills the others with means of near ones", () => {
  const problem = inpainting(picture, mask);
  const shown = mask.data.map((value, i) => i % 3 === 0 ? 0 : value);
  const filling = tf.tidy(() =>
    problem.fill!(tensorOf(picture), tf.tensor(shown, [1, 19, 23, 1])).dataSync<"float32">()
  );
  filling.forEach((value, i) => {
    const pixel = Math.floor(i / 3);
    if (shown[pixel]) assert.equal(value, picture.data[i]);
    else if (pixel % 7 === 0) {
      const expected = guessed(picture, shown, Math.floor(pixel / 23), pixel % 23, i % 3);
      assertClose([value], [expected], 1e-4);
    }
  });
});
