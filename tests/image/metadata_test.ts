// The metadata of a picture's file are kept in every format.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import sharp from "sharp";
import { exifFacts, exifTags, fittedExif } from "../../lib/image/formats/exif.ts";
import { numberOf, type Tags } from "../../lib/image/formats/tiff_tags.ts";
import {
  describeLosses,
  encodePicture,
  enlargedMetadata,
  openPicture,
  type PicturePage,
  type WrittenFormat,
} from "../../lib/image/mod.ts";
import { levels, picture } from "./_fixtures.ts";
import { ascii, plain, rational, short, tiff } from "./_tiff.ts";

const read = async (
  bytes: Uint8Array,
  options: Parameters<typeof openPicture>[1] = {},
): Promise<PicturePage> => await (await openPicture({ name: "a file", bytes }, options)).page(0);

const XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ' +
  'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description ' +
  'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>';

/** A photograph lying on its side, as another library writes it: 40x24 as stored. */
async function photograph(format: "jpeg" | "png" | "webp" | "avif"): Promise<Uint8Array> {
  const raw = sharp(levels(picture(24, 40, 3)), { raw: { height: 24, width: 40, channels: 3 } });
  return await raw.withIccProfile("p3")
    .withExif({
      IFD0: { Make: "A maker", Copyright: "Someone" },
      IFD2: { DateTimeOriginal: "2024:05:06 07:08:09", PixelXDimension: "40" },
      IFD3: { GPSLatitudeRef: "N", GPSLatitude: "48/1 12/1 30/1" },
    })
    .withXmp(XMP)
    .withMetadata({ orientation: 6, density: 300, icc: "p3" })
    .toFormat(format).toBuffer();
}

const subdirectory = (tags: Tags, tag: number): Tags => {
  const found = tags.get(tag);
  assert.ok(found instanceof Map, `directory ${tag}`);
  return found;
};

/** Asserts that EXIF is the photograph's. */
function assertExif(exif: Uint8Array | undefined, size: { width: number; height: number }): void {
  const tags = exif && exifTags(exif);
  assert.ok(tags, "there is EXIF");
  const text = new TextDecoder("latin1").decode(exif);
  for (const part of ["A maker", "Someone", "2024:05:06 07:08:09"]) assert.ok(text.includes(part));
  assert.equal(numberOf(tags, 274) ?? 1, 1, "it is upright");
  assert.equal(numberOf(subdirectory(tags, 34853), 2), 48, "the latitude");
  const width = numberOf(subdirectory(tags, 34665), 40962);
  if (width !== undefined) assert.equal(width, size.width);
}

const WRITTEN = ["jpeg", "png", "webp", "tiff", "avif"] as const;

for (const from of ["jpeg", "png", "webp"] as const) {
  Deno.test(`the metadata of a ${from} file are kept in every format`, async () => {
    const bytes = await photograph(from), page = await read(bytes);
    const { image, metadata } = page;
    assert.deepEqual([image.width, image.height], [24, 40], "it was turned");
    const { icc } = await sharp(bytes).metadata();
    for (const to of WRITTEN) {
      const written = await encodePicture([{ image, metadata }], to);
      const found = (await read(written)).metadata;
      assertExif(found.exif, image);
      assert.deepEqual(found.icc && Uint8Array.from(found.icc), Uint8Array.from(icc!), to);
      assert.ok(new TextDecoder().decode(found.xmp).includes('tiff:Orientation="1"'), to);
      assert.equal(found.resolution?.horizontal, 300, to);
      assert.equal(found.resolution?.vertical, 300, to);
      // The other library agrees; of TIFF it does not read EXIF.
      const other = await sharp(written).metadata();
      assert.deepEqual([other.width, other.height, other.orientation ?? 1], [24, 40, 1], to);
      assert.deepEqual(other.icc, icc, to);
      if (to !== "tiff") assert.ok(other.exif!.includes("A maker"), to);
      assert.ok(other.xmp!.includes("tiff:Orientation"), to);
      if (to === "jpeg" || to === "png" || to === "tiff") assert.equal(other.density, 300, to);
      assert.deepEqual(describeLosses({ image, metadata }, to), []);
    }
    assert.deepEqual(describeLosses({ image, metadata }, "gif"), [
      "resolution",
      "EXIF",
      "the colour profile",
      "XMP",
    ]);
  });
}

Deno.test("samples stay in the colours of the file's profile, or become sRGB without one", async () => {
  for (const format of ["jpeg", "png", "webp"] as const) {
    const bytes = await photograph(format);
    const stored = await sharp(bytes, { ignoreIcc: true }).autoOrient().raw().toBuffer();
    const kept = await read(bytes);
    assert.deepEqual(kept.image.data, Float32Array.from(stored, (level) => level / 255));
    const converted = await sharp(bytes).autoOrient().toColourspace("srgb").raw().toBuffer();
    const srgb = await read(bytes, { colours: "srgb" });
    assert.deepEqual(srgb.image.data, Float32Array.from(converted, (level) => level / 255));
    assert.equal(srgb.metadata.icc, undefined);
    assert.ok(converted.some((level, i) => level !== stored[i]), "they differ");
  }
});

Deno.test("resolutions are preserved to the digit", async () => {
  const image = picture(16, 20, 1);
  for (const dpi of [1, 72, 96, 150, 200, 254, 300, 600, 1200, 2400]) {
    const resolution = { horizontal: dpi, vertical: dpi + 1, unit: "inch" } as const;
    for (const format of ["png", "jpeg", "tiff", "webp"] as const) {
      const bytes = await encodePicture([{ image, metadata: { resolution } }], format);
      const found = (await read(bytes)).metadata.resolution;
      assert.deepEqual(found, resolution, `${format} ${dpi}`);
    }
  }
  // Of no unit, as microscopes' programs write it, with what they say of it.
  const bytes = tiff([plain({ width: 4, height: 4 }, new Uint8Array(16), {
    270: ascii("ImageJ=1.53\nunit=micron\n"),
    282: rational(15, 2),
    283: rational(15, 2),
    296: short(1),
  })]);
  const { metadata, image: small } = await read(bytes);
  const again = (await read(await encodePicture([{ image: small, metadata }], "tiff"))).metadata;
  assert.deepEqual(again.resolution, { horizontal: 7.5, vertical: 7.5, unit: "none" });
  assert.ok(new TextDecoder().decode(again.exif).includes("unit=micron"));
  // Nothing is made up where nothing is said.
  for (const format of WRITTEN) {
    const found = (await read(await encodePicture([{ image }], format))).metadata;
    assert.equal(found.resolution, undefined, format);
    assert.deepEqual(Object.keys(found).filter((key) => key !== "tags" && key !== "exif"), []);
  }
});

Deno.test("PNG's gamma, chromaticities and texts are kept in PNG, and reported as lost elsewhere", async () => {
  const image = picture(16, 16, 3);
  const gamma = Uint8Array.of(0, 1, 0x86, 0xa0), text = new TextEncoder().encode("Author\0Someone");
  const chunks = [{ type: "gAMA", data: gamma }, { type: "tEXt", data: text }];
  const page = { image, metadata: { chunks } };
  const bytes = await encodePicture([page], "png");
  const found = (await read(bytes)).metadata.chunks!;
  assert.deepEqual(found.map(({ type, data }) => [type, Uint8Array.from(data)]), [
    ["gAMA", gamma],
    ["tEXt", text],
  ]);
  assert.deepEqual(describeLosses(page, "png"), []);
  assert.deepEqual(describeLosses(page, "jpeg"), ["PNG's gamma and colours", "PNG's texts"]);
  const { comments } = await sharp(bytes).metadata();
  assert.deepEqual(comments, [{ keyword: "Author", text: "Someone" }]);
});

Deno.test("IPTC is kept from JPEG to TIFF and back; comments stay in JPEG; GeoTIFF's tags stay in TIFF", async () => {
  const iptc = Uint8Array.of(0x1c, 2, 120, 0, 5, ...new TextEncoder().encode("title"));
  const comments = [new TextEncoder().encode("a comment")];
  const image = picture(16, 16, 3);
  const jpeg = await encodePicture([{ image, metadata: { iptc, comments } }], "jpeg");
  const first = await read(jpeg);
  assert.deepEqual(Uint8Array.from(first.metadata.iptc!), iptc);
  assert.deepEqual(first.metadata.comments!.map((text) => Uint8Array.from(text)), comments);
  const { iptc: other } = await sharp(jpeg).metadata();
  assert.ok(other!.includes("title"));
  const second = (await read(await encodePicture([first], "tiff"))).metadata;
  assert.deepEqual(Uint8Array.from(second.iptc!), iptc);

  const scale = { type: 12, numbers: [10, 10, 0] } as const;
  const points = { type: 12, numbers: [0, 2, 0, 500, 700, 0] } as const;
  const geo = tiff([plain({ width: 16, height: 16 }, new Uint8Array(256), {
    33550: scale,
    33922: points,
    65000: ascii("private"),
  })]);
  const page = await read(geo), larger = enlargedMetadata(page.metadata, page.image, 4);
  const again = (await read(await encodePicture([{ ...page, metadata: larger }], "tiff"))).metadata;
  assert.deepEqual([numberOf(again.tags!, 33550), numberOf(page.metadata.tags!, 33550)], [2.5, 10]);
  assert.equal(new DataView(doublesOf(again.tags!, 33922)).getFloat64(8, true), 8);
  assert.ok(again.tags!.has(65000));
  assert.deepEqual(describeLosses(page, "png"), ["further TIFF tags"]);
});

function doublesOf(tags: Tags, tag: number): ArrayBuffer {
  const value = tags.get(tag);
  assert.ok(value && !(value instanceof Map));
  return Uint8Array.from(value.data).buffer;
}

Deno.test("enlarging multiplies the resolution and changes the sizes that EXIF and XMP repeat", async () => {
  const { metadata } = await read(await photograph("jpeg"));
  const size = { width: 72, height: 120 };
  const larger = enlargedMetadata(metadata, size, 3);
  assert.equal(larger.resolution!.horizontal, 900);
  const facts = exifFacts(larger.exif!)!;
  assert.deepEqual([facts.orientation, facts.resolution?.horizontal], [1, 900]);
  assertExif(larger.exif, size);
  const image = picture(120, 72, 3);
  const written = await encodePicture([{ image, metadata: larger }], "jpeg");
  assert.equal((await sharp(written).metadata()).density, 900);
});

Deno.test("damaged EXIF is left out or repaired, and never an error", async () => {
  const { metadata: { exif } } = await read(await photograph("jpeg"));
  const change = fc.tuple(fc.nat(exif!.length - 1), fc.nat(255));
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 8 }),
      fc.nat(exif!.length),
      (changes, end) => {
        const damaged = exif!.slice(0, end);
        for (const [at, byte] of changes) if (at < end) damaged[at] = byte;
        exifFacts(damaged);
        exifTags(damaged);
        fittedExif(damaged, { width: 10, height: 20 });
      },
    ),
    { numRuns: 2000, seed: 3 },
  );
  const image = picture(16, 16, 3);
  const bytes = await encodePicture([{ image, metadata: { exif: new Uint8Array(40) } }], "jpeg");
  const { metadata, notes } = await read(bytes);
  assert.equal(metadata.exif, undefined);
  assert.deepEqual(notes, ["its EXIF is damaged: that is not kept"]);
});

Deno.test("EXIF that does not fit into a JPEG is reported", () => {
  const page = { image: picture(16, 16, 3), metadata: { exif: new Uint8Array(70_000) } };
  const lost = (format: WrittenFormat) => describeLosses(page, format);
  assert.deepEqual([lost("jpeg"), lost("png"), lost("tiff")], [["EXIF"], [], []]);
});

Deno.test("EXIF of either byte order is kept as it was, and the file's bytes are not changed", async () => {
  // Big-endian: the maker "Acme", and where colour samples lie, 2.
  const exif = Uint8Array.from([
    ...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 2],
    ...[1, 15, 0, 2, 0, 0, 0, 5, 0, 0, 0, 38, 2, 19, 0, 3, 0, 0, 0, 1, 0, 2, 0, 0],
    ...[0, 0, 0, 0, 65, 99, 109, 101, 0, 0],
  ]);
  const image = picture(16, 16, 3);
  for (const format of ["jpeg", "png", "webp", "avif"] as const) {
    const bytes = Buffer.from(await encodePicture([{ image, metadata: { exif } }], format));
    const before = Uint8Array.from(bytes), file = await openPicture({ name: "a file", bytes });
    const page = await file.page(0);
    assert.deepEqual(Uint8Array.from(bytes), before, format);
    const written = await encodePicture([page], format);
    const again = await (await openPicture({ name: "a file", bytes: written })).page(0);
    for (const { metadata } of [page, again]) {
      assert.equal(numberOf(exifTags(metadata.exif!)!, 531), 2, format);
    }
  }
});
