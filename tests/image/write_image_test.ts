// Round trips of writeImage() and readImage() through every format and depth.
import assert from "node:assert/strict";
import fc from "fast-check";
import sharp from "sharp";
import { type Image, readImage, writeImage } from "../../lib/image/mod.ts";
import { inFolder, picture, rejectsInOneLine } from "./_fixtures.ts";

/** Writes `image` and reads it back. */
async function roundTrip(image: Image, extension: string): Promise<Image> {
  let read: Image | undefined;
  await inFolder(async (folder) => {
    await writeImage(`${folder}/picture.${extension}`, image);
    read = await readImage(`${folder}/picture.${extension}`);
  });
  return read!;
}

const kinds = ([1, 3] as const).flatMap((channels) =>
  ([8, 16] as const).flatMap((bitDepth) =>
    [false, true].map((alpha) => ({ channels, bitDepth, alpha }))
  )
);

for (const extension of ["png", "PNG", "tif", "tiff"]) {
  Deno.test(`writeImage() loses nothing in a .${extension} of any kind`, async () => {
    for (const { channels, ...rest } of kinds) {
      const image = picture(20, 33, channels, rest);
      assert.deepEqual(await roundTrip(image, extension), image);
    }
  });
}

Deno.test("writeImage() loses nothing of 8 bits in a .webp, colours below alpha 0 included", async () => {
  for (const { channels, bitDepth, alpha } of kinds) {
    const read = await roundTrip(picture(20, 33, channels, { bitDepth, alpha }), "webp");
    if (bitDepth === 8) assert.deepEqual(read, picture(20, 33, channels, { alpha }));
    else assert.equal(read.bitDepth, 8);
  }
});

for (const extension of ["jpg", "jpeg"]) {
  Deno.test(`writeImage() keeps a .${extension} near, grey where it is, and drops alpha`, async () => {
    for (const { channels, ...rest } of kinds) {
      const image = picture(20, 33, channels, rest);
      const read = await roundTrip(image, extension);
      assert.deepEqual([read.channels, read.bitDepth, read.alpha], [channels, 8, undefined]);
      near(read.data, image.data, 0.03);
    }
  });
}

Deno.test("writeImage() keeps an .avif near, with its alpha, and more than 8 bits", async () => {
  for (const { channels, ...rest } of kinds) {
    const image = picture(40, 33, channels, rest);
    // Colours under alpha 0 are the encoder's to change, so this alpha has none.
    if (image.alpha) image.alpha = image.alpha.map((value) => 0.5 + value / 2);
    const read = await roundTrip(image, "avif");
    assert.deepEqual([read.channels, read.bitDepth], [channels, image.bitDepth]);
    near(read.data, image.data, 0.03);
    if (image.alpha) near(read.alpha!, image.alpha, 0.03);
  }
  const ramp = Float32Array.from({ length: 64 * 64 }, (_, i) => 0.4 + i / 4096 / 50);
  const read = await roundTrip(
    { height: 64, width: 64, channels: 1, data: ramp, bitDepth: 16 },
    "avif",
  );
  assert.ok(new Set(read.data).size > 20, "a ramp over 5 of 255 levels has more than 5 levels");
});

Deno.test("writeImage() rounds to the nearest level and clamps", async () => {
  for (const bitDepth of [8, 16] as const) {
    const white = 2 ** bitDepth - 1;
    const data = new Float32Array(256);
    data.set([-1, 2, NaN, 1.4 / white, 1.6 / white, Infinity]);
    const read = await roundTrip({ height: 16, width: 16, channels: 1, data, bitDepth }, "png");
    const expected = [0, 1, 0, 1 / white, 2 / white, 1].map(Math.fround);
    assert.deepEqual([...read.data.subarray(0, 6)], expected);
  }
});

Deno.test("writeImage() writes 8 bits by default", async () => {
  const { bitDepth: _, ...image } = picture(16, 16, 3);
  assert.equal((await roundTrip(image, "png")).bitDepth, 8);
});

Deno.test("writeImage() declares grey and 16 bits in the file itself", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/picture.png`;
    await writeImage(path, picture(16, 16, 1, { bitDepth: 16 }));
    const header = await Deno.readFile(path);
    assert.deepEqual([...header.subarray(24, 26)], [16, 0], "IHDR: bit depth and colour type");
  });
});

Deno.test("writeImage() agrees with readImage() for every size, channel count and depth", async () => {
  const side = fc.integer({ min: 16, max: 40 });
  const kind = fc.record({ bitDepth: fc.constantFrom(8, 16), alpha: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(side, side, fc.constantFrom(1, 3), kind, async (height, width, n, rest) => {
      const image = picture(height, width, n, rest);
      assert.deepEqual(await roundTrip(image, "png"), image);
    }),
    { numRuns: 20, seed: 1 },
  );
});

Deno.test("writeImage() refuses what it cannot write in one line and writes nothing", async () => {
  await inFolder(async (folder) => {
    const image = picture(16, 16, 3);
    await rejectsInOneLine(
      writeImage(`${folder}/a.bmp`, image),
      /\.bmp; use one of \.png, .*\.jpg/,
    );
    await rejectsInOneLine(writeImage(`${folder}/a`, image), /it has no extension; use one of/);
    await rejectsInOneLine(
      writeImage(`${folder}/missing/a.png`, image),
      /there is no such file or folder/,
    );
    const long = picture(16, 16384, 1);
    await rejectsInOneLine(writeImage(`${folder}/a.webp`, long), /the encoder refuses .*16384x16/);
    await assert.rejects(writeImage(`${folder}/a.png`, { ...image, height: 17 }), RangeError);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("writeImage() writes a file whose format sharp recognizes", async () => {
  await inFolder(async (folder) => {
    const formats = {
      ...{ png: "png", jpg: "jpeg", jfif: "jpeg", jpe: "jpeg", webp: "webp", tif: "tiff" },
      ...{ avif: "heif", gif: "gif" },
    };
    for (const [extension, format] of Object.entries(formats)) {
      await writeImage(`${folder}/a.${extension}`, picture(16, 16, 3));
      assert.equal((await sharp(`${folder}/a.${extension}`).metadata()).format, format);
    }
  });
});

function near(actual: Float32Array, expected: Float32Array, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(
      Math.abs(actual[i]! - expected[i]!) <= tolerance,
      `[${i}]: ${actual[i]} is not within ${tolerance} of ${expected[i]}`,
    );
  }
}
