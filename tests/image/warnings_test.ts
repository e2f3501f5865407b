// Warnings of decoders are no errors; if pixels are missing, the rows are named.
import assert from "node:assert/strict";
import sharp from "sharp";
import { encodePicture, type Image, openPicture, type PicturePage } from "../../lib/image/mod.ts";
import { chunksOf, pngOf } from "../../lib/image/formats/png.ts";
import { levels, picture, rejectsInOneLine } from "./_fixtures.ts";
import { plain, rational, short, tiff } from "./_tiff.ts";

const read = async (bytes: Uint8Array, allowDamaged = false): Promise<PicturePage> =>
  await (await openPicture({ name: "a file", bytes }, { allowDamaged })).page(0);

const H = 96, W = 80;

const WHOLE = picture(H, W, 3);

/** Detail everywhere, so that every row has data. */
WHOLE.data = WHOLE.data.map((value, i) =>
  Math.round((value * 0.6 + 0.4 * ((i * 37) % 11) / 10) * 255) / 255
);

const jpeg = async (options = {}) =>
  Uint8Array.from(
    await sharp(levels(WHOLE), { raw: { height: H, width: W, channels: 3 } })
      .jpeg({ quality: 90, ...options }).toBuffer(),
  );

/** Where a marker is. */
function markerAt(bytes: Uint8Array, marker: number): number {
  for (let at = 2; at + 4 < bytes.length; at += 2 + bytes[at + 2]! * 256 + bytes[at + 3]!) {
    if (bytes[at + 1] === marker) return at;
  }
  return assert.fail("there is no such marker");
}

const sameAs = ({ data }: Image) => (page: PicturePage) => {
  assert.deepEqual(page.image.data, data);
  assert.deepEqual(page.notes, []);
};

Deno.test("a JPEG with unusual parameters of its scan is read correctly", async () => {
  const bytes = await jpeg(), { image } = await read(bytes);
  const at = markerAt(bytes, 0xda), parameters = at + 5 + 2 * bytes[at + 4]!;
  assert.deepEqual([...bytes.subarray(parameters, parameters + 3)], [0, 63, 0]);
  for (const odd of [[0, 0, 0], [1, 63, 0], [0, 63, 0x11], [0, 0, 0x20]]) {
    const changed = bytes.slice();
    changed.set(odd, parameters);
    sameAs(image)(await read(changed));
  }
});

Deno.test("a JPEG without its end marker, with bytes after it, or with an unusual transform, is complete", async () => {
  const bytes = await jpeg(), { image } = await read(bytes), end = bytes.length - 2;
  sameAs(image)(await read(bytes.subarray(0, end)));
  sameAs(image)(await read(bytes.subarray(0, end + 1)));
  sameAs(image)(await read(Uint8Array.from([...bytes, ...new Uint8Array(100).fill(7)])));
  sameAs(image)(await read(Uint8Array.from([...bytes.subarray(0, end), ...new Uint8Array(100)])));
  const progressive = await jpeg({ progressive: true });
  sameAs((await read(progressive)).image)(await read(progressive.subarray(0, -2)));
  const adobe = [0xff, 0xee, 0, 14, ...new TextEncoder().encode("Adobe"), 0, 100, 0, 0, 0, 0, 7];
  // A JFIF segment would say itself that colours are YCbCr.
  assert.notEqual(bytes[3], 0xe0);
  sameAs(image)(
    await read(Uint8Array.from([...bytes.subarray(0, 2), ...adobe, ...bytes.subarray(2)])),
  );
});

Deno.test("a PNG whose texts are damaged is read, with a note", async () => {
  const metadata = {
    chunks: [{ type: "tEXt", data: new TextEncoder().encode("Author\0Someone") }],
  };
  const bytes = await encodePicture([{ image: WHOLE, metadata }], "png");
  const at = new TextDecoder("latin1").decode(bytes).indexOf("Someone");
  const changed = Uint8Array.from(bytes);
  changed[at]! ^= 4;
  const { image } = await read(changed);
  assert.deepEqual(image.data, WHOLE.data);
});

/** Files that are cut after a part of their pixels, and from which row on something is missing. */
async function cutFiles(): Promise<Record<string, Uint8Array>> {
  const baseline = await jpeg(), png = await encodePicture([{ image: WHOLE }], "png");
  const chunks = chunksOf(png), restart = await jpeg();
  const bad = restart.slice();
  // A restart where none should be: what follows is lost.
  bad.set([0xff, 0xd0], Math.floor(bad.length * 2 / 3));
  return {
    "cut jpeg": baseline.subarray(0, baseline.length * 2 / 3),
    "cut png": png.subarray(0, png.length * 2 / 3),
    "png with a part of its pixels": pngOf(
      chunks.map(({ type, data }) => ({
        type,
        data: type === "IDAT" ? data.subarray(0, data.length / 2) : data,
      })),
    ),
    "changed jpeg": bad,
  };
}

Deno.test("if pixels are missing, the rows are named and the others can be read", async (t) => {
  for (const [name, bytes] of Object.entries(await cutFiles())) {
    await t.step(name, async () => {
      const error = await read(bytes).then(() => assert.fail("it was read"), (error) => error);
      await rejectsInOneLine(
        read(bytes),
        /^cannot read "a file": the picture is damaged or cut short: rows \d+ to 96 of 96 are missing or wrong \(`allowDamaged` reads what is there\)$/,
      );
      const first = Number(/rows (\d+) to/.exec(error.message)![1]);
      assert.ok(first > H / 12 && first < 0.9 * H, `${first}`);
      const { image, notes } = await read(bytes, true);
      assert.deepEqual(notes, [
        `the picture is damaged or cut short: rows ${first} to 96 of 96 are missing or wrong`,
      ]);
      const whole = name.includes("png") ? WHOLE : (await read(await jpeg())).image;
      // What is above is as it was; a JPEG's colours are interpolated across two rows.
      const known = (first - 3) * W * 3;
      assert.deepEqual(image.data.subarray(0, known), whole.data.subarray(0, known));
      assert.notDeepEqual(image.data, whole.data);
    });
  }
});

Deno.test("a damaged picture without a whole row is refused with that reason", async () => {
  const bytes = await jpeg({ progressive: true });
  await rejectsInOneLine(
    read(bytes.subarray(0, bytes.length / 2)),
    /the picture is damaged or cut short: no row of it is whole \(`allowDamaged`/,
  );
  const { image, notes } = await read(bytes.subarray(0, bytes.length / 2), true);
  assert.deepEqual([image.height, image.width], [H, W]);
  assert.deepEqual(notes, ["the picture is damaged or cut short: no row of it is whole"]);
});

Deno.test("a TIFF file is read whatever is wrong with tags that no sample depends on", async () => {
  const width = 8, height = 8, strip = Uint8Array.from({ length: 3 * 64 }, (_, i) => i);
  const page = plain({ width, height, samples: 3 }, strip);
  const text = (letters: string) => new TextEncoder().encode(letters);
  const wrong: Record<string, Parameters<typeof plain>[2]> = {
    "a text without an end": { 305: text("abcd"), 270: text("and a longer one") },
    "a resolution that is no fraction": { 282: short(300), 283: short(300) },
    "a resolution of nothing": { 282: rational(0, 0), 283: rational(1, 0) },
    "an orientation that is none": { 274: short(9) },
    "tags that nobody knows": { 65000: short(7), 65001: text("x") },
    "no length of its strip": { 279: new Uint8Array(0) },
    "a longer strip than it has": { 279: short(3 * 64 + 20) },
  };
  const { image } = await read(tiff([page]));
  for (const [what, tags] of Object.entries(wrong)) {
    const file = tiff([{ ...page, tags: { ...page.tags, ...tags } }]);
    assert.deepEqual((await read(file)).image, image, what);
  }
  // Two entries of twelve bytes change places.
  const unsorted = tiff([page]), at = new DataView(unsorted.buffer).getUint32(4, true) + 2;
  unsorted.set([...unsorted.slice(at + 12, at + 24), ...unsorted.slice(at, at + 12)], at);
  assert.deepEqual((await read(unsorted)).image, image, "in another order");
});
