// readImage() of all formats, depths, colours and orientations.
import assert from "node:assert/strict";
import sharp from "sharp";
import { type Image, readImage } from "../../lib/image/mod.ts";
import { chunksOf, pngOf } from "../../lib/image/formats/png.ts";
import { inFolder, levels, picture, png } from "./_fixtures.ts";

/** Encodes a picture with sharp alone, without the library's writer. */
const raw = (image: Image) =>
  sharp(levels(image), {
    raw: { height: image.height, width: image.width, channels: image.channels },
  }).toColourspace(image.channels === 1 ? "b-w" : "srgb");

async function readBytes(bytes: Uint8Array): Promise<Image> {
  let image: Image | undefined;
  await inFolder(async (folder) => {
    await Deno.writeFile(`${folder}/picture`, bytes);
    image = await readImage(`${folder}/picture`);
  });
  return image!;
}

/** The largest difference of two arrays of the same length. */
function difference(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

Deno.test("readImage() reads grey PNGs of 1, 2, 4, 8 and 16 bits as grey", async () => {
  for (const depth of [1, 2, 4, 8, 16]) {
    const row = Array.from({ length: 32 * depth / 8 }, (_, i) => (i * 37 + 11) % 256);
    const bits = row.map((byte) => byte.toString(2).padStart(8, "0")).join("");
    const expected = Array.from(
      { length: 32 },
      (_, x) => parseInt(bits.slice(x * depth, (x + 1) * depth), 2) / (2 ** depth - 1),
    );
    const rows = Array.from({ length: 16 }, () => row);
    const image = await readBytes(png({ width: 32, height: 16, depth, colour: 0, rows }));
    assert.equal(image.channels, 1);
    assert.equal(image.bitDepth, depth === 16 ? 16 : 8);
    assert.deepEqual(image.data.subarray(0, 32), Float32Array.from(expected));
  }
});

Deno.test("readImage() keeps the alpha of a 16-bit grey PNG apart and leaves its grey", async () => {
  const row = Array.from({ length: 16 }, (_, x) => [x, 255 - x, 0, x]).flat();
  const rows = Array.from({ length: 16 }, () => row);
  const image = await readBytes(png({ width: 16, height: 16, depth: 16, colour: 4, rows }));
  assert.deepEqual([image.channels, image.bitDepth, image.data.length], [1, 16, 256]);
  assert.equal(image.data[3], Math.fround((3 * 256 + 252) / 65535));
  assert.equal(image.alpha![3], Math.fround(3 / 65535));
});

Deno.test("readImage() reads a palette as RGB, with and without alpha", async () => {
  const image = picture(32, 24, 3);
  image.data = image.data.map((value) => Math.round(value) * 0.2);
  const read = await readBytes(await raw(image).png({ palette: true }).toBuffer());
  assert.deepEqual(read, image);

  const colours = [[255, 0, 0, 255], [0, 0, 255, 102]].flat();
  const pixels = Uint8Array.from({ length: 16 * 16 * 4 }, (_, i) => colours[i % 8]!);
  const veiled = await readBytes(
    await sharp(pixels, { raw: { height: 16, width: 16, channels: 4 } }).png({ palette: true })
      .toBuffer(),
  );
  assert.deepEqual(veiled.data.subarray(0, 6), Float32Array.of(1, 0, 0, 0, 0, 1));
  assert.deepEqual(veiled.alpha!.subarray(0, 2), Float32Array.of(1, 0.4));
});

Deno.test("readImage() applies each of the eight EXIF orientations", async () => {
  const h = 16, w = 20;
  // Where the pixel at row y and column x of the upright picture is stored (EXIF 2.3, tag 274).
  const stored: ((y: number, x: number) => [number, number])[] = [
    (y, x) => [y, x],
    (y, x) => [y, w - 1 - x],
    (y, x) => [h - 1 - y, w - 1 - x],
    (y, x) => [h - 1 - y, x],
    (y, x) => [x, y],
    (y, x) => [h - 1 - x, y],
    (y, x) => [h - 1 - x, w - 1 - y],
    (y, x) => [x, w - 1 - y],
  ];
  for (const depth of [8, 16]) {
    const bytes = depth / 8;
    const rows = Array.from(
      { length: h },
      (_, y) => Array.from({ length: w * bytes }, (_, i) => bytes === 1 || i % 2 ? i : y),
    );
    if (bytes === 1) rows.forEach((row, y) => row.forEach((_, x) => row[x] = y * 12 + x));
    const level = (y: number, x: number) =>
      bytes === 1 ? rows[y]![x]! / 255 : (rows[y]![2 * x]! * 256 + rows[y]![2 * x + 1]!) / 65535;

    for (const [i, from] of stored.entries()) {
      const orientation = i + 1;
      const [height, width] = orientation > 4 ? [w, h] : [h, w];
      const file = png({ width: w, height: h, depth, colour: 0, rows, orientation });
      const image = await readBytes(file);
      assert.deepEqual(
        [image.height, image.width, image.channels, image.bitDepth],
        [height, width, 1, depth],
      );
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          assert.equal(image.data[y * width + x], Math.fround(level(...from(y, x))));
        }
      }
    }
  }
});

Deno.test("a PNG's orientation is applied if its EXIF follows the pixels, or a text is damaged", async () => {
  const rows = Array.from(
    { length: 16 },
    (_, y) => Array.from({ length: 20 }, (_, x) => y * 12 + x),
  );
  const file = png({ width: 20, height: 16, depth: 8, colour: 0, rows, orientation: 6 });
  const upright = await readBytes(file);
  assert.deepEqual([upright.height, upright.width], [20, 16]);
  const chunks = chunksOf(file), isExif = ({ type }: { type: string }) => type === "eXIf";
  const [header, ...others] = chunks.filter((chunk) => !isExif(chunk)), end = others.pop()!;
  const behind = pngOf([header!, ...others, chunks.find(isExif)!, end]);
  assert.deepEqual(await readBytes(behind), upright);
  const text = { type: "tEXt", data: new TextEncoder().encode("Author\0Someone") };
  const damaged = pngOf([header!, text, ...others, chunks.find(isExif)!, end]);
  damaged[new TextDecoder("latin1").decode(damaged).indexOf("Someone")]! ^= 4;
  assert.deepEqual(await readBytes(damaged), upright);
});

Deno.test("readImage() applies the orientation of JPEG and 16-bit TIFF", async () => {
  const turned = (image: Image) => raw(image).withMetadata({ orientation: 6 });
  const jpeg = await readBytes(await turned(picture(16, 40, 3)).jpeg().toBuffer());
  assert.deepEqual([jpeg.height, jpeg.width], [40, 16]);

  const wide = picture(16, 40, 3, { bitDepth: 16 });
  const tiff = await readBytes(
    await turned(wide).toColourspace("rgb16").tiff({ compression: "lzw" }).toBuffer(),
  );
  assert.deepEqual([tiff.height, tiff.width, tiff.bitDepth], [40, 16, 16]);
  assert.ok(Math.abs(tiff.data[0]! - wide.data[15 * 40 * 3]!) < 1e-3);
});

Deno.test("readImage() converts CMYK and embedded profiles to sRGB", async () => {
  const image = picture(32, 32, 3);
  image.data = image.data.map((value) => 0.3 + 0.4 * value);
  const cmyk = await readBytes(
    await raw(image).toColourspace("cmyk").tiff({ compression: "lzw" }).toBuffer(),
  );
  assert.equal(cmyk.channels, 3);
  assert.ok(difference(cmyk.data, image.data) < 0.06);

  const p3 = await raw(image).withIccProfile("p3").png().toBuffer();
  const stored = await sharp(p3, { ignoreIcc: true }).raw().toBuffer();
  assert.ok(difference(Float32Array.from(stored, (v) => v / 255), image.data) > 0.01);
  assert.ok(difference((await readBytes(p3)).data, image.data) < 0.01);
});

Deno.test("readImage() keeps a grey JPEG grey and near to what was encoded", async () => {
  const image = picture(40, 48, 1);
  const read = await readBytes(await raw(image).jpeg({ quality: 95 }).toBuffer());
  assert.equal(read.channels, 1);
  assert.ok(difference(read.data, image.data) < 0.03);
});

Deno.test("readImage() reads white as 1 in AVIF of 8, 10 and 12 bits", async () => {
  const white = new Uint16Array(32 * 32 * 3).fill(65535);
  for (const bitdepth of [8, 10, 12] as const) {
    const bytes = await sharp(white, { raw: { height: 32, width: 32, channels: 3 } })
      .toColourspace("rgb16").avif({ bitdepth, lossless: true }).toBuffer();
    const image = await readBytes(bytes);
    assert.equal(image.bitDepth, bitdepth === 8 ? 8 : 16);
    assert.ok(image.data.every((value) => value === 1), `${bitdepth} bits: ${image.data[0]}`);
  }
});

Deno.test("readImage() reads an RGB PNG of equal channels as RGB", async () => {
  const grey = new Uint8Array(16 * 16 * 3).fill(100);
  const bytes = await sharp(grey, { raw: { height: 16, width: 16, channels: 3 } }).png().toBuffer();
  assert.equal((await readBytes(bytes)).channels, 3);
});

Deno.test("readImage() reads a file again after it has changed", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/picture.png`;
    for (const width of [16, 17]) {
      await Deno.writeFile(path, await raw(picture(16, width, 1)).png().toBuffer());
      assert.equal((await readImage(path)).width, width);
    }
  });
});
