// Masks have the holes that were asked for.
import assert from "node:assert/strict";
import {
  alphaMask,
  inverted,
  maskOf,
  randomMask,
  regionMask,
  textMask,
} from "../../lib/degradation/mod.ts";
import { createImage, ImageError } from "../../lib/image/mod.ts";
import { assertClose, chance } from "./_operators.ts";

const size = { height: 90, width: 120 }, pixels = 90 * 120;

Deno.test("a random mask has so many holes, independent of each other, by its seed", () => {
  for (const missing of [0, 0.1, 0.5, 0.97]) {
    const { data } = randomMask(size, missing, 3);
    const holes = data.filter((value) => value === 0).length;
    assert.equal(data.filter((value) => value === 1).length, pixels - holes);
    const deviation = Math.sqrt(missing * (1 - missing) * pixels);
    assert.ok(Math.abs(holes - missing * pixels) <= 4 * deviation, `${holes} for ${missing}`);
    // Neighbours are both holes as often as independent pixels are.
    const pairs = data.filter((value, i) => i > 0 && value === 0 && data[i - 1] === 0).length;
    const expected = missing ** 2 * (pixels - 1);
    assert.ok(Math.abs(pairs - expected) <= 6 * Math.sqrt(expected), `${pairs} for ${missing}`);
    assert.deepEqual(randomMask(size, missing, 3).data, data);
  }
  assert.notDeepEqual(randomMask(size, 0.5, 3).data, randomMask(size, 0.5, 4).data);
  for (const missing of [1, -0.1, NaN]) {
    assert.throws(() => randomMask(size, missing, 1), /`missing`/);
  }
});

Deno.test("a region is a hole exactly, and must lie within the picture", () => {
  const hole = { top: 10, left: 20, height: 30, width: 40 };
  regionMask(size, hole).data.forEach((value, i) => {
    const y = Math.floor(i / 120), x = i % 120;
    assert.equal(value, y >= 10 && y < 40 && x >= 20 && x < 60 ? 0 : 1);
  });
  const wrong = [
    { top: 61 },
    { left: 81 },
    { top: -1 },
    { height: 0 },
    { width: 1e30 },
    { left: 0.5 },
    { width: NaN },
    { top: 0, left: 0, height: 90, width: 120 },
  ];
  for (const change of wrong) {
    assert.throws(() => regionMask(size, { ...hole, ...change }), /`hole`/);
  }
});

Deno.test("text makes some holes all over the picture, or says that there is no font", async () => {
  const mask = await textMask(size, 'Some <text> & "more"').catch((error) => {
    assert.ok(error instanceof ImageError, `${error}`);
    assert.match(error.message, /^no text can be drawn: the machine has no font for it$/);
    return undefined;
  });
  if (!mask) return;
  assert.deepEqual([mask.height, mask.width, mask.channels], [90, 120, 1]);
  const part = mask.data.filter((value) => value === 0).length / pixels;
  assert.ok(part > 0.03 && part < 0.5, `${part}`);
  for (const half of [mask.data.slice(0, pixels / 2), mask.data.slice(pixels / 2)]) {
    assert.ok(half.includes(0), "both halves have some");
  }
});

Deno.test("text that cannot be drawn is refused in one line, whatever it is", async () => {
  for (const text of ["", " ", "\n\t", "\u0000", "\u0001\u001b", "\ud800", "\uffff"]) {
    await assert.rejects(textMask(size, text), (error) => {
      assert.ok(error instanceof ImageError, `${JSON.stringify(text)}: ${error}`);
      assert.doesNotMatch(error.message, /[\r\n]/);
      return true;
    });
  }
});

Deno.test("a picture's brightness and its opacity are masks, and the sense can be switched", () => {
  const picture = createImage({
    height: 1,
    width: 4,
    channels: 3,
    data: Float32Array.of(1, 1, 0, 1, 0.25, 0.25, 0.2, 0.6, 0.8, 0, 0, 0),
    alpha: Float32Array.of(0, 0.5, 0.51, 1),
  });
  assert.deepEqual(maskOf(picture).data, Float32Array.of(1, 0, 1, 0));
  assert.deepEqual(alphaMask(picture).data, Float32Array.of(0, 0, 1, 1));
  assertClose(inverted(alphaMask(picture)).data, [1, 1, 0, 0]);
  assert.ok(alphaMask(chance(3, 3, 1, 1)).data.every((value) => value === 1));
});
