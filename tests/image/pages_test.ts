// Files of several pictures: pages, frames, smaller versions, previews of raw files.
import assert from "node:assert/strict";
import sharp from "sharp";
import {
  encodePicture,
  type Image,
  openPicture,
  type PictureFile,
  type WrittenFormat,
} from "../../lib/image/mod.ts";
import { levels, multiPicture, picture, png, rejectsInOneLine } from "./_fixtures.ts";
import { plain, short, tiff } from "./_tiff.ts";

const open = (bytes: Uint8Array): Promise<PictureFile> => openPicture({ name: "a file", bytes });

async function imagesOf(file: PictureFile): Promise<Image[]> {
  const images: Image[] = [];
  for (let i = 0; i < file.pages; i++) images.push((await file.page(i)).image);
  return images;
}

/** A grey directory whose samples are all of one level. */
const even = (
  width: number,
  height: number,
  level: number,
  more: Parameters<typeof plain>[2] = {},
  photometric = 1,
) => plain({ width, height, photometric }, new Uint8Array(width * height).fill(level), more);

Deno.test("pages of a TIFF file may be of any size and kind, and stay so", async () => {
  const images = [
    picture(20, 33, 3),
    picture(17, 16, 1, { bitDepth: 16 }),
    picture(9, 8, 3, { alpha: true }),
  ];
  const bytes = await encodePicture(images.map((image) => ({ image })), "tiff");
  const file = await open(bytes);
  assert.deepEqual([file.format, file.pages, file.animation], ["tiff", 3, undefined]);
  assert.deepEqual(await imagesOf(file), images);
  assert.equal((await sharp(bytes).metadata()).pages, 3);
  await assert.rejects(file.page(3), /`index` must be a page of 3, from 0: got 3/);
});

Deno.test("a damaged page is named, and so is what a program keeps beside the pixels of one", async () => {
  const broken = new Uint8Array(Float32Array.of(1, 2, NaN, 4).buffer);
  const floats = plain({ width: 2, height: 2, bits: 32, format: 3 }, broken);
  const overlay = even(16, 16, 9, { 50838: short(4), 50839: new Uint8Array(4) });
  const file = await open(tiff([overlay, floats, even(16, 16, 3, { 37724: new Uint8Array(8) })]));
  assert.deepEqual((await file.page(0)).notes, [
    "ImageJ's overlays and display ranges are not kept",
  ]);
  await rejectsInOneLine(
    file.page(1),
    /^cannot read "a file": page 2 of 3: the sample at column 0/,
  );
  assert.deepEqual((await file.page(2)).notes, ["Photoshop's layers are not kept"]);
});

Deno.test("smaller versions and masks among a TIFF file's directories are no pages", async () => {
  const thumbnail = { 254: short(1) }, mask = { 254: short(4) };
  const chain = [
    even(4, 4, 10, thumbnail),
    even(20, 16, 50),
    even(20, 16, 255, mask),
    even(24, 18, 90),
    even(12, 9, 90, { 255: short(2) }),
  ];
  const images = await imagesOf(await open(tiff(chain)));
  assert.deepEqual(images.map(({ width, data }) => [width, Math.round(data[0]! * 255)]), [
    [20, 50],
    [24, 90],
  ]);
});

Deno.test("the full picture is found below a first directory that is small", async () => {
  const below = [even(40, 30, 80, { 254: short(0) }), even(20, 15, 60, { 254: short(1) })];
  const first = { ...even(8, 6, 20, { 254: short(1), 274: short(3) }), below };
  const file = await open(tiff([first]));
  assert.equal(file.pages, 1);
  const { image } = await file.page(0);
  assert.deepEqual([image.width, image.height, Math.round(image.data[0]! * 255)], [40, 30, 80]);
});

/** A JPEG file as a directory holds it. */
async function jpegDirectory(
  width: number,
  height: number,
  more: Record<number, ReturnType<typeof short>>,
) {
  const raw = { raw: { height, width, channels: 3 as const } };
  const strip = await sharp(levels(picture(height, width, 3)), raw).jpeg().toBuffer();
  const size = { 256: short(width), 257: short(height), 259: short(7), 262: short(6) };
  return { tags: { ...size, 277: short(3), ...more }, strip: Uint8Array.from(strip) };
}

Deno.test("of a camera's raw file the preview is read if it has all pixels, with a note", async () => {
  const raw = even(48, 32, 7, { 254: short(0) }, 32803);
  const large = await jpegDirectory(46, 31, { 254: short(1) });
  const first = { ...even(8, 6, 20, { 254: short(1) }), below: [raw, large] };
  const { image, notes } = await (await open(tiff([first]))).page(0);
  assert.deepEqual([image.width, image.height, image.channels], [46, 31, 3]);
  assert.deepEqual(notes, ["the raw picture of 48x32 is not read, but its preview of 46x31"]);

  const small = await jpegDirectory(16, 12, { 254: short(1) });
  const other = { ...even(8, 6, 20, { 254: short(1) }), below: [raw, small] };
  await rejectsInOneLine(
    open(tiff([other])),
    /it is a camera's raw file of 48x32 and its preview is only 16x12: convert it to a TIFF/,
  );
});

/** Frames that move, without symmetry. */
const FRAMES = [0, 1, 2].map((i) => {
  const image = picture(16, 24, 3);
  image.data = image.data.map((value, k) =>
    k % 5 === i ? Math.round(255 - 255 * value) / 255 : value
  );
  return image;
});

const ANIMATION = { loop: 3, delays: [100, 250, 40] };

for (const format of ["png", "webp", "gif"] as const) {
  Deno.test(`the frames of an animation are kept in ${format}, with their times`, async () => {
    const bytes = await encodePicture(FRAMES.map((image) => ({ image })), format, ANIMATION);
    const file = await open(bytes);
    assert.deepEqual([file.format, file.pages, file.animation], [format, 3, ANIMATION]);
    const images = await imagesOf(file);
    for (const [i, image] of images.entries()) {
      if (format !== "gif") assert.deepEqual(image, FRAMES[i]);
      const apart = image.data.reduce((sum, value, k) =>
        sum + Math.abs(value - FRAMES[i]!.data[k]!), 0) / image.data.length;
      assert.ok(apart < 0.02, `${apart}`);
    }
    // The other library knows the frames too; of an animated PNG it shows the first.
    const { pages } = await sharp(bytes).metadata();
    if (format !== "png") assert.equal(pages, 3);
    else assert.deepEqual([...await sharp(bytes).raw().toBuffer()], [...levels(FRAMES[0]!)]);
  });
}

Deno.test("the frames of an animated PNG are composed: blended, replaced, cleared, restored", async () => {
  const chunk = (bytes: Uint8Array, type: string) => {
    const at = new TextDecoder("latin1").decode(bytes).indexOf(type);
    const length = new DataView(bytes.buffer).getUint32(at - 4);
    return bytes.subarray(at + 4, at + 4 + length);
  };
  const solid = (width: number, height: number, grey: number, alpha: number) => {
    const rows = Array.from(
      { length: height },
      () => Array.from({ length: 2 * width }, (_, i) => i % 2 ? alpha : grey),
    );
    return png({ width, height, depth: 8, colour: 4, rows });
  };
  const control = (
    sequence: number,
    [width, height, left, top]: readonly number[],
    dispose: number,
    blend: number,
  ) => {
    const view = new DataView(new ArrayBuffer(26));
    [sequence, width!, height!, left!, top!].forEach((n, i) => view.setUint32(4 * i, n));
    view.setUint16(20, 1);
    view.setUint16(22, 10);
    view.setUint8(24, dispose);
    view.setUint8(25, blend);
    return new Uint8Array(view.buffer);
  };
  const numbered = (sequence: number, data: Uint8Array) =>
    Uint8Array.of(0, 0, 0, sequence, ...data);
  const whole = solid(4, 2, 100, 255), half = solid(2, 2, 200, 128), other = solid(2, 2, 40, 0);
  const { pngOf } = await import("../../lib/image/formats/png.ts");
  const bytes = pngOf([
    { type: "IHDR", data: chunk(whole, "IHDR") },
    { type: "acTL", data: Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0) },
    { type: "fcTL", data: control(0, [4, 2, 0, 0], 0, 0) },
    { type: "IDAT", data: chunk(whole, "IDAT") },
    // Over the right half, then put back.
    { type: "fcTL", data: control(1, [2, 2, 2, 0], 2, 1) },
    { type: "fdAT", data: numbered(2, chunk(half, "IDAT")) },
    // In place of the left half, then cleared.
    { type: "fcTL", data: control(3, [2, 2, 0, 0], 1, 0) },
    { type: "fdAT", data: numbered(4, chunk(half, "IDAT")) },
    // A clear frame over what is left.
    { type: "fcTL", data: control(5, [2, 2, 2, 0], 0, 1) },
    { type: "fdAT", data: numbered(6, chunk(other, "IDAT")) },
    { type: "IEND", data: new Uint8Array() },
  ]);
  const file = await open(bytes);
  assert.deepEqual(file.animation, { loop: 0, delays: [100, 100, 100, 100] });
  const row = ({ data, alpha }: Image) =>
    Array.from({ length: 4 }, (_, x) => [
      Math.round(data[x]! * 255),
      Math.round((alpha?.[x] ?? 1) * 255),
    ]);
  const mixed = Math.round((200 * 128 + 100 * 127) / 255);
  const [a, b, c, d] = (await imagesOf(file)).map(row);
  assert.deepEqual(a, Array(4).fill([100, 255]));
  assert.deepEqual(b, [[100, 255], [100, 255], [mixed, 255], [mixed, 255]]);
  assert.deepEqual(c, [[200, 128], [200, 128], [100, 255], [100, 255]]);
  assert.deepEqual(d!.map(([, alpha]) => alpha), [0, 0, 255, 255]);
  assert.deepEqual(d!.slice(2), [[100, 255], [100, 255]]);

  // A picture that is no frame stands before the first.
  const beside = await open(pngOf([
    { type: "IHDR", data: chunk(whole, "IHDR") },
    { type: "acTL", data: Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 0) },
    { type: "IDAT", data: chunk(whole, "IDAT") },
    ...[0, 2].flatMap((sequence) => [
      { type: "fcTL", data: control(sequence, [2, 2, 2, 0], 0, 0) },
      { type: "fdAT", data: numbered(sequence + 1, chunk(half, "IDAT")) },
    ]),
    { type: "IEND", data: new Uint8Array() },
  ]));
  assert.equal(beside.pages, 2);
  const told = "its picture for viewers that show no animations is not kept";
  assert.deepEqual((await beside.page(0)).notes, [told]);
  assert.deepEqual((await beside.page(1)).notes, []);
});

Deno.test("formats of one picture refuse several, and frames must be of one size", async () => {
  const pages = FRAMES.map((image) => ({ image }));
  for (const format of ["jpeg", "avif"] as WrittenFormat[]) {
    await assert.rejects(
      encodePicture(pages, format),
      /`pages` must be one for (JPEG|AVIF): got 3/,
    );
  }
  const unlike = [{ image: picture(16, 24, 3) }, { image: picture(16, 25, 3) }];
  await rejectsInOneLine(encodePicture(unlike, "webp"), /must be of one size/);
});

Deno.test("the pages of a multi-picture JPEG are its pictures of one size; others are reported", async () => {
  const encode = async (image: Image) => await encodePicture([{ image }], "jpeg");
  const [first, second, small] = await Promise.all(
    [picture(16, 24, 3), FRAMES[1]!, picture(8, 12, 3)].map(encode),
  ) as [Uint8Array, Uint8Array, Uint8Array];
  const stereo = await open(multiPicture(first, [second], [0x020002]));
  assert.equal(stereo.pages, 2);
  const [a, b] = await imagesOf(stereo);
  assert.deepEqual(a, (await imagesOf(await open(first)))[0]);
  assert.deepEqual(b, (await imagesOf(await open(second)))[0]);

  const preview = await open(multiPicture(first, [small], [0x010001]));
  assert.equal(preview.pages, 1);
  assert.deepEqual((await preview.page(0)).notes, []);

  const gain = await open(multiPicture(first, [small], [0]));
  assert.equal(gain.pages, 1);
  assert.match((await gain.page(0)).notes.join(), /the file has more than pictures of this size/);

  const film = await open(Uint8Array.from([...first, ...new Uint8Array(9000).fill(5)]));
  assert.match((await film.page(0)).notes.join(), /a film: that is not kept/);
});
