// A folder of unusual files: batch restores each, or explains in one line why not.
import assert from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import { crop, type Image, readImage, writeImage, writePages } from "../../lib/image/mod.ts";
import { bmp, multiPicture } from "../image/_fixtures.ts";
import { plain, short, tiff } from "../image/_tiff.ts";
import { catsFace, inFolder, namesIn, ROOT, rowsOf, runTask } from "./_command.ts";

const SIDE = 24;

/** A part of the cat's face as bytes. */
const raw = ({ height, width, channels, data }: Image) =>
  sharp(Uint8Array.from(data, (value) => Math.round(value * 255)), {
    raw: { height, width, channels },
  });

/** Tags of a directory whose strip is a JPEG file. */
const tagsOfJpeg = { 259: short(7), 262: short(6), 277: short(3) };

/** What becomes of a file: it is restored, or its line matches. */
type Expected = "restored" | RegExp;

const NO_PICTURE =
  /: it is not a PNG, JPEG, WebP, TIFF, AVIF, HEIC, GIF or BMP picture, or it is damaged$/;

/** Writes the files, by other programs than this where they can; gives what is expected of each. */
async function oddFiles(folder: string): Promise<Map<string, Expected>> {
  const face = crop(await catsFace(48), 8, 8, SIDE, SIDE), expected = new Map<string, Expected>();
  const grey: Image = { ...face, channels: 1, data: face.data.filter((_, i) => i % 3 === 0) };
  const put = async (name: string, bytes: Uint8Array, what: Expected = "restored") => {
    await Deno.writeFile(join(folder, name), bytes);
    expected.set(name, what);
  };
  const made = raw(face), jpeg = await made.clone().jpeg({ quality: 90 }).toBuffer();
  // One picture in every kind of file.
  await put("jpeg.jpg", jpeg);
  await put("jfif.jfif", jpeg);
  await put("jpe.jpe", jpeg);
  await put("wrong-name.png", jpeg);
  await put("no-extension", jpeg);
  await put("capitals.JPG", jpeg);
  await put("name with spaces, commas.jpg", jpeg);
  await put("größe.jpg", jpeg);
  await put("progressive.jpg", await made.clone().jpeg({ progressive: true }).toBuffer());
  await put("subsampled.jpg", await made.clone().jpeg({ chromaSubsampling: "4:2:0" }).toBuffer());
  await put("grey.jpg", await raw(grey).jpeg().toBuffer());
  await put("cmyk.jpg", await made.clone().toColourspace("cmyk").jpeg().toBuffer());
  await put("turned.jpg", await made.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer());
  await put("p3.jpg", await made.clone().withIccProfile("p3").jpeg().toBuffer());
  await put("no-end.jpg", jpeg.subarray(0, -2));
  await put("bytes-behind.jpg", Uint8Array.from([...jpeg, 1, 2, 3]));
  await put("interlaced.png", await made.clone().png({ progressive: true }).toBuffer());
  await put("palette.png", await made.clone().png({ palette: true }).toBuffer());
  await put("alpha.png", await made.clone().ensureAlpha(0.5).png().toBuffer());
  await put("lossy.webp", await made.clone().webp({ quality: 80 }).toBuffer());
  await put("lossless.webp", await made.clone().webp({ lossless: true }).toBuffer());
  await put("still.gif", await made.clone().gif().toBuffer());
  await put("still.avif", await made.clone().avif({ quality: 90 }).toBuffer());
  await put("lzw.tif", await made.clone().tiff({ compression: "lzw" }).toBuffer());
  await put("deflate.tiff", await made.clone().tiff({ compression: "deflate" }).toBuffer());
  await put("jpeg-inside.tif", await made.clone().tiff({ compression: "jpeg" }).toBuffer());
  await put(
    "two-levels.tif",
    await raw(grey).toColourspace("b-w").tiff({ bitdepth: 1 }).toBuffer(),
  );
  await put(
    "tiles.tif",
    await made.clone().tiff({ tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
  );
  const floats = new Uint8Array(Float32Array.from(grey.data, (value) => 900 * value - 40).buffer);
  const floating = { width: SIDE, height: SIDE, bits: 32, format: 3 };
  await put("float.tif", tiff([plain(floating, floats)]));
  const holed = new Float32Array(floats.slice().buffer);
  holed[5] = NaN;
  await put(
    "nan.tif",
    tiff([plain(floating, new Uint8Array(holed.buffer))]),
    /: the sample at column 5, row 0 is NaN: every pixel must have a finite number$/,
  );
  await put("sixteen.png", await made.clone().toColourspace("rgb16").png().toBuffer());
  for (const name of ["pages.tif", "animated.png"]) {
    const pages = name === "pages.tif" ? [face, grey] : [face, face];
    await writePages(join(folder, name), pages.map((image) => ({ image })));
    expected.set(name, "restored");
  }
  const frames = await Promise.all(
    [0, 90].map((angle) => made.clone().rotate(angle).png().toBuffer()),
  );
  const film = sharp(frames, { join: { animated: true } });
  await put("animated.gif", await film.clone().gif({ delay: [50, 90] }).toBuffer());
  await put("animated.webp", await film.clone().webp({ lossless: true }).toBuffer());
  await put("two.mpo", multiPicture(jpeg, [jpeg], [0x020002]));
  await put("phone.heic", await Deno.readFile(join(ROOT, "tests/image/ramp.heic")));
  const size = { width: SIDE, height: SIDE }, bytes = await made.clone().raw().toBuffer();
  await put("windows.bmp", bmp({ ...size, height: -SIDE, bits: 24 }, [...bytes]));
  await put("lab.tif", tiff([plain({ ...size, samples: 3, photometric: 8 }, bytes)]));
  await put("big.tif", await made.clone().tiff({ bigtiff: true }).toBuffer());
  await put("cmyk.tif", await made.clone().toColourspace("cmyk").tiff().toBuffer());
  await put(
    "fax.tif",
    await raw(grey).toColourspace("b-w").tiff({ compression: "ccittfax4", bitdepth: 1 }).toBuffer(),
  );
  const letters = { 305: new TextEncoder().encode("a text without its end"), 274: short(9) };
  await put("odd-tags.tif", tiff([plain({ ...size, samples: 3 }, bytes, letters)]));
  const further = plain({ ...size, samples: 3, photometric: 1 }, bytes, { 338: short(0, 0) });
  await put("channels.tif", tiff([further]));
  // A camera's raw file with a preview of all pixels, and one with a thumbnail alone.
  const sensor = plain({ ...size, photometric: 32803 }, bytes.subarray(0, SIDE ** 2));
  const preview = {
    tags: { ...tagsOfJpeg, 254: short(1), 256: short(SIDE), 257: short(SIDE) },
    strip: jpeg,
  };
  const thumbnail = plain({ width: 4, height: 4 }, new Uint8Array(16), { 254: short(1) });
  await put("preview.dng", tiff([{ ...thumbnail, below: [sensor, preview] }]));
  await put(
    "thumbnail.dng",
    tiff([{ ...thumbnail, below: [sensor] }]),
    /a camera's raw file of 24x24 and its preview is only 4x4: convert it/,
  );
  await writeImage(join(folder, "clear.png"), { ...face, alpha: new Float32Array(SIDE ** 2) });
  expected.set("clear.png", "restored");
  // What is too small, cut short, empty or no picture of its name.
  await put("tiny.png", await raw(crop(face, 0, 0, 8, 8)).png().toBuffer(), /at least 16x16/);
  await put(
    "cut.jpg",
    jpeg.subarray(0, -60),
    /: the picture is damaged or cut short: rows \d+ to 24 of 24 are missing or wrong/,
  );
  await put(
    "cut.png",
    (await made.clone().png().toBuffer()).subarray(0, 300),
    /: the picture is damaged or cut short: /,
  );
  await put("empty.jpg", new Uint8Array(0), /: the file is empty$/);
  await put("text.jpg", new TextEncoder().encode("no picture at all"), NO_PICTURE);
  await put(
    "drawing.tif",
    new TextEncoder().encode("II*\0 but nothing else"),
    /: the picture is damaged or cut short: it has no directory$/,
  );
  await put(
    "method.tif",
    tiff([plain(size, bytes, { 259: short(34925) })]),
    /: a TIFF picture that is compressed by method 34925 is not read: /,
  );
  // No pictures: left out, and named.
  await Deno.writeTextFile(join(folder, "notes.txt"), "of the journey");
  await Deno.writeTextFile(join(folder, "list.csv"), "a,b");
  await Deno.mkdir(join(folder, "more"));
  return expected;
}

Deno.test("batch over fifty unusual files: each is restored, or refused in one line", async () => {
  await inFolder(async (folder) => {
    const photos = join(folder, "photos"), output = join(folder, "out");
    await Deno.mkdir(photos);
    const expected = await oddFiles(photos);
    const present = namesIn(photos).length;
    assert.ok(present >= 50, `${present}`);
    const args = [photos, "--quality", "fast", "--output", output];
    const { code, stdout, stderr } = await runTask("batch", ...args);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /left out, no pictures: list\.csv, notes\.txt,? and more \(a folder\)/);
    const written = namesIn(output), rows = rowsOf(stdout.split("\n\n")[0]!);
    for (const [name, what] of expected) {
      const lines = stderr.split("\n").filter((line) => line.startsWith(`batch: ${name}: `));
      if (what === "restored") {
        assert.deepEqual(lines, [], name);
        const own = written.filter((one) => one.startsWith(name) && !one.endsWith(".json"));
        assert.equal(own.length, 1, `${name}: ${written}`);
        await readImage(join(output, own[0]!));
      } else {
        assert.equal(lines.length, 1, `${name}: ${lines}`);
        assert.match(lines[0]!, what);
      }
    }
    assert.ok(rows.length > 0);
    // The same command has nothing left to do but what failed.
    const again = await runTask("batch", ...args);
    const done = [...expected.values()].filter((what) => what === "restored").length;
    assert.match(again.stderr, new RegExp(`${done} of ${expected.size} were done before`));
  });
});
