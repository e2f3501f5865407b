// Masks have the given holes.
import assert from "node:assert/strict";
import {
  alphaMask,
  invertMask,
  maskFromImage,
  randomMask,
  regionMask,
  textMask,
} from "../../lib/degradation/mod.ts";
import { FileError } from "../../lib/files/mod.ts";
import { createImage, type Image } from "../../lib/image/mod.ts";
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

Deno.test("text makes holes all over the picture, or fails because there is no font", async () => {
  const mask = await textMask(size, 'Some <text> & "more"').catch((error) => {
    assert.ok(error instanceof FileError, `${error}`);
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
      assert.ok(error instanceof FileError, `${JSON.stringify(text)}: ${error}`);
      assert.doesNotMatch(error.message, /[\r\n]/);
      return true;
    });
  }
});

Deno.test("a picture's opacity is a mask, and the sense can be switched", () => {
  const alpha = Float32Array.of(0, 0.5, 0.51, 1);
  const picture = createImage({ height: 1, width: 4, channels: 3, alpha });
  assert.deepEqual(alphaMask(picture).data, Float32Array.of(0, 0, 1, 1));
  assertClose(invertMask(alphaMask(picture)).data, [1, 1, 0, 0]);
  assert.ok(alphaMask(chance(3, 3, 1, 1)).data.every((value) => value === 1));
});

/** A picture of 24x20 with a rectangle drawn in it, and the mask that it stands for. */
function drawn(
  { ground, stroke, channels, clear = [] }: {
    ground: readonly number[];
    stroke: readonly number[];
    channels: 1 | 3;
    /** What is transparent. */
    clear?: readonly ("ground" | "stroke")[];
  },
): Image {
  const isStroke = (i: number) => i % 24 >= 5 && i % 24 < 9 && i >= 48 && i < 400;
  const data = Float32Array.from(
    { length: 480 * channels },
    (_, i) => (isStroke(Math.floor(i / channels)) ? stroke : ground)[i % channels]!,
  );
  const alpha = Float32Array.from(
    { length: 480 },
    (_, i) => clear.includes(isStroke(i) ? "stroke" : "ground") ? 0 : 1,
  );
  const opacity = clear.length > 0 ? { alpha } : {};
  return createImage({ height: 20, width: 24, channels, data, ...opacity });
}

/** The mask whose hole is the rectangle. */
const HOLE = drawn({ ground: [1], stroke: [0], channels: 1 }).data;

const MASKS: Record<string, { picture: Parameters<typeof drawn>[0]; holes?: "white" }> = {
  "black on white": { picture: { ground: [1], stroke: [0], channels: 1 } },
  "black on white, as a JPEG has them": {
    picture: { ground: [0.97], stroke: [0.04], channels: 1 },
  },
  "red on white": { picture: { ground: [1, 1, 1], stroke: [1, 0, 0], channels: 3 } },
  "yellow on white": { picture: { ground: [1, 1, 1], stroke: [1, 1, 0], channels: 3 } },
  "white on black": { picture: { ground: [0], stroke: [1], channels: 1 }, holes: "white" },
  "blue on black": {
    picture: { ground: [0, 0, 0], stroke: [0, 0, 1], channels: 3 },
    holes: "white",
  },
  "labels 1 and 0 of 8 bits": { picture: { ground: [1 / 255], stroke: [0], channels: 1 } },
  "labels 0 and 1 of 8 bits": {
    picture: { ground: [0], stroke: [1 / 255], channels: 1 },
    holes: "white",
  },
  "labels 1 and 0 of 16 bits": { picture: { ground: [1 / 65535], stroke: [0], channels: 1 } },
  "labels of a palette": {
    picture: { ground: [0, 0, 0], stroke: [0.5, 0, 0], channels: 3 },
    holes: "white",
  },
  "a transparent hole in white": {
    picture: { ground: [1, 1, 1], stroke: [0, 0, 0], channels: 3, clear: ["stroke"] },
  },
  "a transparent hole, white below": {
    picture: { ground: [1], stroke: [1], channels: 1, clear: ["stroke"] },
  },
  "a transparent hole in black": {
    picture: { ground: [0], stroke: [0], channels: 1, clear: ["stroke"] },
    holes: "white",
  },
  "red on a transparent layer": {
    picture: { ground: [0, 0, 0], stroke: [1, 0, 0], channels: 3, clear: ["ground"] },
  },
  "black on a transparent layer, white below": {
    picture: { ground: [1, 1, 1], stroke: [0, 0, 0], channels: 3, clear: ["ground"] },
  },
  "white on a transparent layer": {
    picture: { ground: [0, 0, 0], stroke: [1, 1, 1], channels: 3, clear: ["ground"] },
    holes: "white",
  },
};

for (const [name, { picture, holes = "black" }] of Object.entries(MASKS)) {
  Deno.test(`a mask may be drawn as ${name}`, () => {
    assert.deepEqual(maskFromImage(drawn(picture), { holes }).data, HOLE);
  });
}

Deno.test("erased pixels of a photograph are holes, however dark the others are", () => {
  for (const channels of [1, 3] as const) {
    const photograph = chance(40, 40, channels, 5);
    const alpha = new Float32Array(1600).fill(1).fill(0, 100, 300);
    assert.deepEqual(maskFromImage({ ...photograph, alpha }).data, alpha);
  }
});

Deno.test("black holes and transparent ones are both holes", () => {
  const picture = drawn({ ground: [1], stroke: [0], channels: 1 });
  const alpha = new Float32Array(480).fill(1).fill(0, 440, 460);
  const { data } = maskFromImage({ ...picture, alpha });
  assert.deepEqual(data, HOLE.slice().fill(0, 440, 460));
});
