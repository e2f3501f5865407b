// luminance() against its formula.
import assert from "node:assert/strict";
import { createImage, luminance } from "../../lib/image/mod.ts";
import { picture } from "./_fixtures.ts";

Deno.test("luminance() weighs the channels of every pixel", () => {
  const image = picture(5, 7, 3, { alpha: true, bitDepth: 16 });
  const grey = luminance(image);
  assert.deepEqual([grey.height, grey.width, grey.channels, grey.bitDepth], [5, 7, 1, 16]);
  assert.equal(grey.alpha, image.alpha);
  for (let i = 0; i < 35; i++) {
    const [r, g, b] = image.data.subarray(3 * i, 3 * i + 3);
    assert.equal(grey.data[i], Math.fround(0.2989 * r! + 0.587 * g! + 0.114 * b!));
  }
});

Deno.test("luminance() clips, and returns grey unchanged", () => {
  const colour = createImage({
    height: 1,
    width: 2,
    channels: 3,
    data: Float32Array.of(2, 2, 2, -1, -1, -1),
  });
  assert.deepEqual(luminance(colour).data, Float32Array.of(1, 0));
  const grey = createImage({
    height: 1,
    width: 3,
    channels: 1,
    data: Float32Array.of(-0.1, 0.3, 1.1),
  });
  assert.deepEqual(luminance(grey).data, Float32Array.of(0, 0.3, 1));
});
