// Kinds of pictures that the decoder's library does not read: other sample types, Lab, BMP, HEIC.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  createImage,
  describeLosses,
  encodePicture,
  type Image,
  openPicture,
  type PicturePage,
  readImage,
} from "../../lib/image/mod.ts";
import { bmp, rejectsInOneLine } from "./_fixtures.ts";
import { ascii, plain, short, tiff } from "./_tiff.ts";

const read = async (bytes: Uint8Array): Promise<PicturePage> =>
  await (await openPicture({ name: "a file", bytes })).page(0);

const W = 7, H = 5;

/** Numbers of every type as a TIFF file has them: how they are written, and a range that they can have. */
const NUMBERS: Record<string, {
  format: number;
  bits: number;
  put: (view: DataView, i: number, value: number) => void;
  range: [low: number, high: number];
}> = {
  "16-bit real": {
    format: 3,
    bits: 16,
    put: (view, i, value) => view.setFloat16(2 * i, value, true),
    range: [-4, 1000],
  },
  "32-bit real": {
    format: 3,
    bits: 32,
    put: (view, i, value) => view.setFloat32(4 * i, value, true),
    range: [-500, 1e6],
  },
  "64-bit real": {
    format: 3,
    bits: 64,
    put: (view, i, value) => view.setFloat64(8 * i, value, true),
    range: [1e-7, 2e-7],
  },
  "8-bit signed": {
    format: 2,
    bits: 8,
    put: (view, i, value) => view.setInt8(i, value),
    range: [-100, 90],
  },
  "16-bit signed": {
    format: 2,
    bits: 16,
    put: (view, i, value) => view.setInt16(2 * i, value, true),
    range: [-1024, 3071],
  },
  "32-bit signed": {
    format: 2,
    bits: 32,
    put: (view, i, value) => view.setInt32(4 * i, value, true),
    range: [-100_000, 1_000_000],
  },
  "32-bit whole": {
    format: 1,
    bits: 32,
    put: (view, i, value) => view.setUint32(4 * i, value, true),
    range: [0, 4e9],
  },
};

/** A file of these numbers, and the numbers as they are stored. */
function fileOf(name: string, more = {}): { bytes: Uint8Array; numbers: number[]; wide: number } {
  const { format, bits, put, range: [low, high] } = NUMBERS[name]!, count = W * H;
  const strip = new Uint8Array(count * bits / 8), view = new DataView(strip.buffer);
  const numbers = Array.from({ length: count }, (_, i) => {
    const value = low + (high - low) * ((i * 17) % count) / (count - 1);
    return format === 3 ? value : Math.round(value);
  });
  numbers.forEach((value, i) => put(view, i, value));
  const page = plain({ width: W, height: H, bits, format }, strip, more);
  return { bytes: tiff([page]), numbers, wide: high - low };
}

for (const name of Object.keys(NUMBERS)) {
  Deno.test(`a TIFF file of ${name} numbers is read by its range and written as it was`, async () => {
    const { bytes, numbers, wide } = fileOf(name), page = await read(bytes);
    const { image, metadata } = page, low = Math.min(...numbers), high = Math.max(...numbers);
    // A 16-bit real number has 11 bits.
    const precise = name === "16-bit real" ? 1e-3 : 1e-6;
    assert.deepEqual([image.width, image.height, image.channels], [W, H, 1]);
    image.data.forEach((sample, i) => {
      const expected = (numbers[i]! - low) / (high - low);
      assert.ok(Math.abs(sample - expected) < precise, `${sample} ${expected}`);
    });
    const written = await encodePicture([page], "tiff");
    const again = await read(written);
    assert.deepEqual(again.metadata.values, metadata.values);
    again.image.data.forEach((sample, i) =>
      assert.ok(Math.abs(sample - image.data[i]!) <= Math.max(0.5 / wide, precise))
    );
    assert.deepEqual(describeLosses(page, "tiff"), []);
    assert.match(describeLosses(page, "png").join(), /numbers of \d+ bits as they are/);
  });
}

Deno.test("real numbers that lie in [0, 1] keep their scale", async () => {
  const strip = new Uint8Array(new Float32Array([0.25, 0.5, 0.375, 0.3]).buffer);
  const { image, metadata } = await read(
    tiff([plain({ width: 2, height: 2, bits: 32, format: 3 }, strip)]),
  );
  assert.deepEqual(image.data, new Float32Array([0.25, 0.5, 0.375, 0.3]));
  assert.deepEqual(metadata.values, { type: "float", bits: 32, low: 0, high: 1 });
});

Deno.test("numbers that are not finite, or mark missing values, are refused in one line with the position", async () => {
  for (const [wrong, said] of [[NaN, "NaN"], [Infinity, "Infinity"], [-9999, "-9999"]] as const) {
    const numbers = new Float32Array([1, 2, 3, 4, 5, wrong, 7, 8]);
    const noData = wrong === -9999 ? { 42113: ascii("-9999") } : {};
    const bytes = tiff([
      plain({ width: 4, height: 2, bits: 32, format: 3 }, new Uint8Array(numbers.buffer), noData),
    ]);
    await rejectsInOneLine(read(bytes), new RegExp(`the sample at column 1, row 1 is ${said}: `));
  }
});

Deno.test("12 bits that are packed are read as 16", async () => {
  // Two numbers in three bytes, rows filled up.
  const strip = Uint8Array.of(0x00, 0x0f, 0xff, 0x80, 0x01, 0x23);
  const { image, metadata } = await read(tiff([plain({ width: 2, height: 2, bits: 12 }, strip)]));
  assert.equal(image.bitDepth, 16);
  assert.deepEqual(
    [...image.data],
    [0, 4095, 0x800, 0x123].map((level) => Math.fround(level / 4095)),
  );
  assert.equal(metadata.values, undefined);
});

/** sRGB of CIE Lab by the formulas of CIE 15 and IEC 61966-2-1, D50 to D65 by Bradford's matrix. */
function naiveRgb([l, a, b]: readonly [number, number, number]): number[] {
  const f = (l + 16) / 116,
    cube = (t: number) => t ** 3 > 216 / 24389 ? t ** 3 : (116 * t - 16) / (24389 / 27);
  const d50 = [0.96422 * cube(f + a / 500), cube(f), 0.82521 * cube(f - b / 200)];
  const adapted = [
    [0.9555766, -0.0230393, 0.0631636],
    [-0.0282895, 1.0099416, 0.0210077],
    [0.0122982, -0.0204830, 1.3299098],
  ].map((row) => row.reduce((sum, weight, i) => sum + weight * d50[i]!, 0));
  return [
    [3.2406, -1.5372, -0.4986],
    [-0.9689, 1.8758, 0.0415],
    [0.0557, -0.2040, 1.0570],
  ].map((row) => {
    const linear = row.reduce((sum, weight, i) => sum + weight * adapted[i]!, 0);
    const clipped = Math.min(Math.max(linear, 0), 1);
    return clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
  });
}

Deno.test("Lab TIFF files of 8 and 16 bits, by both conventions, become sRGB, with a note", async () => {
  const colours: [number, number, number][] = [
    [100, 0, 0],
    [0, 0, 0],
    [53, 80, 67],
    [60, -40, 30],
    [30, 20, -60],
    [75, -5, 8],
  ];
  for (const bits of [8, 16]) {
    for (const photometric of [8, 9]) {
      const most = 2 ** bits - 1, unit = 2 ** (bits - 8);
      const stored = colours.flatMap(([l, a, b]) => [
        Math.round(l * most / 100),
        ...[a, b].map((value) => (photometric === 9 ? value + 128 : value) * unit & most),
      ]);
      const strip = bits === 8
        ? Uint8Array.from(stored)
        : new Uint8Array(Uint16Array.from(stored).buffer);
      const { image, notes } = await read(
        tiff([plain({ width: 6, height: 1, samples: 3, bits, photometric }, strip)]),
      );
      assert.deepEqual([image.channels, image.bitDepth], [3, bits]);
      assert.deepEqual(notes, ["its Lab colours are converted to sRGB"]);
      const expected = colours.flatMap(naiveRgb);
      image.data.forEach((value, i) =>
        assert.ok(Math.abs(value - expected[i]!) < (bits === 8 ? 0.012 : 0.004), `${bits} ${i}`)
      );
    }
  }
});

const levelsOf = ({ data }: Image) => [...data].map((value) => Math.round(value * 255));

Deno.test("BMP pictures of every depth are read, bottom up and top down", async () => {
  const size = { width: 2, height: 2 };
  // Bottom row first, blue first, rows of a multiple of four bytes.
  const colours = [3, 2, 1, 6, 5, 4, 0, 0, 9, 8, 7, 12, 11, 10, 0, 0];
  const expected = [7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6];
  const { image, metadata } = await read(bmp({ ...size, bits: 24 }, colours));
  assert.deepEqual([image.channels, image.alpha, levelsOf(image)], [3, undefined, expected]);
  assert.equal(metadata.resolution!.horizontal, 300);
  const unsaid = bmp({ ...size, bits: 24 }, colours);
  new DataView(unsaid.buffer).setUint32(10, 0, true);
  assert.deepEqual(
    levelsOf((await read(unsaid)).image),
    expected,
    "where nobody says where they begin",
  );
  const upright = await read(bmp({ width: 2, height: -2, bits: 24 }, colours));
  assert.deepEqual(levelsOf(upright.image), [...expected.slice(6), ...expected.slice(0, 6)]);

  const palette = Array.from({ length: 256 }, (_, i) => [i % 3 * 50, i % 5 * 40, i, 0]).flat();
  const colour = (i: number) => [i, i % 5 * 40, i % 3 * 50];
  const indexed = await read(
    bmp({ ...size, bits: 8, between: palette }, [200, 3, 0, 0, 17, 99, 0, 0]),
  );
  assert.deepEqual(levelsOf(indexed.image), [17, 99, 200, 3].flatMap(colour));
  const nibbles = await read(
    bmp({ ...size, bits: 4, between: palette.slice(0, 64) }, [0xc3, 0, 0, 0, 0x7f, 0, 0, 0]),
  );
  assert.deepEqual(levelsOf(nibbles.image), [7, 15, 12, 3].flatMap(colour));
  const twoTone = [0, 0, 0, 0, 255, 255, 255, 0];
  const single = await read(
    bmp({ ...size, bits: 1, between: twoTone }, [0x40, 0, 0, 0, 0x80, 0, 0, 0]),
  );
  assert.deepEqual([single.image.channels, levelsOf(single.image)], [1, [255, 0, 0, 255]]);
});

Deno.test("BMP pictures of 16 and 32 bits are read by their masks", async () => {
  const size = { width: 2, height: 1 };
  const usual = await read(bmp({ ...size, bits: 16 }, [0x1f, 0x7c, 0xe0, 0x03]));
  assert.deepEqual(levelsOf(usual.image), [255, 0, 255, 0, 255, 0]);
  const masks = [0, 0xf8, 0, 0, 0xe0, 0x07, 0, 0, 0x1f, 0, 0, 0];
  const green = await read(
    bmp({ ...size, bits: 16, compression: 3, between: masks }, [0xe0, 0x03, 0x00, 0x80]),
  );
  assert.deepEqual(levelsOf(green.image), [0, Math.round(31 / 63 * 255), 0, 132, 0, 0]);
  const wide = await read(bmp({ ...size, bits: 32 }, [3, 2, 1, 9, 6, 5, 4, 9]));
  assert.deepEqual([levelsOf(wide.image), wide.image.alpha], [[1, 2, 3, 4, 5, 6], undefined]);
  // Red, green, blue and alpha in bytes of their own.
  const four = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]].flat().map((n) => n * 255);
  const clear = await read(
    bmp({ ...size, bits: 32, compression: 6, between: four }, [1, 2, 3, 255, 4, 5, 6, 51]),
  );
  assert.deepEqual(levelsOf(clear.image), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual(clear.image.alpha, Float32Array.of(1, 0.2));
});

Deno.test("BMP pictures of runs are read; one that is cut short is refused", async () => {
  const palette = Array.from({ length: 256 }, (_, i) => [i, i, i, 0]).flat();
  // Three of 5, then two single ones and a filling byte, end of row; a jump of two, one of 9, end.
  const pixels = [3, 5, 0, 3, 1, 2, 3, 0, 0, 0, 0, 2, 2, 0, 1, 9, 0, 1];
  const bytes = bmp({ width: 6, height: 2, bits: 8, compression: 1, between: palette }, pixels);
  const { image } = await read(bytes);
  assert.deepEqual(levelsOf(image), [0, 0, 9, 0, 0, 0, 5, 5, 5, 1, 2, 3]);
  const four = [5, 0x12, 0, 0, 0, 3, 0x34, 0x50, 0, 1];
  const nibbles = await read(
    bmp({ width: 5, height: 2, bits: 4, compression: 2, between: palette.slice(0, 64) }, four),
  );
  assert.deepEqual(levelsOf(nibbles.image), [3, 4, 5, 0, 0, 1, 2, 1, 2, 1]);
  for (let length = 26; length < bytes.length - 2; length += 37) {
    await rejectsInOneLine(read(bytes.subarray(0, length)), /damaged or cut short/);
  }
});

Deno.test("a HEIC picture is read upright, with its EXIF", async () => {
  // Red grows by 4 a column, green by 5 a row; stored 64x48 and turned. Made by libheif with x265, quality 60.
  const path = fileURLToPath(new URL("ramp.heic", import.meta.url));
  const file = await openPicture(path);
  assert.deepEqual([file.format, file.pages], ["heic", 1]);
  const { image, metadata } = await file.page(0);
  assert.deepEqual([image.width, image.height, image.channels, image.alpha], [
    48,
    64,
    3,
    undefined,
  ]);
  // A quarter turn clockwise: the stored column is the row, the stored row counts from the right.
  for (const [y, x] of [[5, 40], [30, 24], [60, 3]] as const) {
    const at = 3 * (y * 48 + x), expected = [4 * y, 5 * (47 - x), 128];
    expected.forEach((level, c) =>
      assert.ok(Math.abs(image.data[at + c]! * 255 - level) < 12, `${y} ${x} ${c}`)
    );
  }
  assert.ok(new TextDecoder("latin1").decode(metadata.exif).includes("Maker"));
  const bytes = await Deno.readFile(path);
  // What its decoder needs says how many bits there are above 8, luminance first (ISO/IEC 14496-15, 8.3.3.1).
  const wide = bytes.slice(), at = new TextDecoder("latin1").decode(wide).indexOf("hvcC") + 4;
  wide[at + 17]! += 2;
  wide[at + 18]! += 2;
  assert.deepEqual((await read(wide)).notes, ["8 of its 10 bits a sample are read"]);
  for (const length of [20, 200, 600]) {
    await rejectsInOneLine(read(bytes.subarray(0, length)));
  }
  assert.equal((await readImage(path)).width, 48);
});

Deno.test("unsupported colour spaces are named in one line", async () => {
  const logLuv = plain(
    { width: 2, height: 1, samples: 3, bits: 16, format: 2, photometric: 32845 },
    new Uint8Array(12),
  );
  await rejectsInOneLine(
    read(tiff([logLuv])),
    /a TIFF picture of colours of kind 32845 is not read/,
  );
  const complex = plain({ width: 2, height: 1, bits: 64, format: 6 }, new Uint8Array(16), {
    254: short(0),
  });
  await rejectsInOneLine(read(tiff([complex])));
});

Deno.test("channels of a TIFF file that are neither colours nor opacity are left out, with a note", async () => {
  const strip = Uint8Array.from({ length: 2 * 2 * 5 }, (_, i) => 10 * i);
  const size = { width: 2, height: 2 };
  const cases = [
    // What the further samples are, by tag 338: 0 is nothing, 2 opacity.
    { samples: 2, extra: [0], channels: 1, alpha: false, note: ["channel 2 of 2 is not kept"] },
    {
      samples: 4,
      extra: [0, 0, 0],
      channels: 1,
      alpha: false,
      note: ["channels 2 to 4 are not kept"],
    },
    { samples: 4, extra: [0], channels: 3, alpha: false, note: ["channel 4 of 4 is not kept"] },
    { samples: 5, extra: [2, 0], channels: 3, alpha: true, note: ["channel 5 of 5 is not kept"] },
    { samples: 4, extra: [2], channels: 3, alpha: true, note: [] },
    { samples: 4, extra: [], channels: 3, alpha: true, note: [] },
  ];
  for (const { samples, extra, channels, alpha, note } of cases) {
    const more = extra.length > 0 ? { 338: short(...extra) } : {};
    const photometric = channels === 3 ? 2 : 1;
    const page = plain({ ...size, samples, photometric }, strip.slice(0, 4 * samples), more);
    const { image, notes } = await read(tiff([page]));
    assert.deepEqual([image.channels, image.alpha !== undefined], [channels, alpha], `${note}`);
    assert.deepEqual(notes, note);
    const expected = [0, 1, 2, 3].flatMap((pixel) =>
      [0, 1, 2].slice(0, channels).map((c) => Math.fround(strip[pixel * samples + c]! / 255))
    );
    assert.deepEqual([...image.data], expected);
  }
});

Deno.test("real colours that are multiplied by their opacity are read as they were before", async () => {
  const strip = new Uint8Array(Float32Array.of(0.25, 0.5, 0, 0, 0.75, 1, 0.1, 0.2).buffer);
  const page = plain({ width: 2, height: 2, samples: 2, bits: 32, format: 3 }, strip, {
    338: short(1),
  });
  const { image } = await read(tiff([page]));
  assert.deepEqual(image.data, Float32Array.of(0.5, 0, 0.75, 0.5));
  assert.deepEqual(image.alpha, Float32Array.of(0.5, 0, 1, 0.2));
});

Deno.test("an unsupported sample type, colour space or compression of a TIFF file is named in one line", async () => {
  const strip = new Uint8Array(4 * 4 * 8 * 3), size = { width: 4, height: 4 };
  const cases: [ReturnType<typeof plain>, RegExp][] = [
    [plain({ ...size, bits: 64 }, strip), /whole numbers of 64 bits, which are not read/],
    [plain({ ...size, bits: 64, format: 6 }, strip), /samples are of kind 6, which is not read/],
    [
      plain({ ...size, samples: 3, bits: 32, format: 3, photometric: 8 }, strip),
      /Lab colours of 32 bits a sample are not read/,
    ],
    [plain(size, strip, { 259: short(34925) }), /compressed by method 34925 is not read/],
  ];
  for (const [page, line] of cases) await rejectsInOneLine(read(tiff([page])), line);
});

Deno.test("a TIFF file of which a strip was never written, or is beyond its end, is damaged", async () => {
  const bytes = new Uint8Array(8 * 8), size = { width: 8, height: 8 };
  const whole = tiff([plain(size, bytes)]);
  assert.deepEqual((await read(whole)).notes, []);
  const halves = { 278: short(4), 273: short(8, 0), 279: short(32, 32) };
  const { strip: _, ...layout } = plain(size, bytes, halves);
  const lacking = tiff([layout]);
  await rejectsInOneLine(
    read(lacking),
    /damaged or cut short: a part of its pixels was never written/,
  );
  const file = await openPicture({ name: "a file", bytes: lacking }, { allowDamaged: true });
  assert.match((await file.page(0)).notes.join(), /a part of its pixels was never written/);
  const floats = plain({ ...size, bits: 32, format: 3 }, new Uint8Array(8 * 8 * 4));
  const { strip: __, ...behind } = {
    ...floats,
    tags: { ...floats.tags, 273: short(8), 279: short(65000) },
  };
  await rejectsInOneLine(read(tiff([behind])), /damaged or cut short$/);
});

Deno.test("of an AVIF film the cover picture is read, with a note", async () => {
  const still = await encodePicture([{
    image: createImage({ height: 16, width: 16, channels: 1 }),
  }], "avif");
  const bytes = still.slice();
  bytes.set(new TextEncoder().encode("avis"), 8);
  const film = await openPicture({ name: "a file", bytes }), page = await film.page(0);
  assert.equal(film.format, "avif");
  assert.deepEqual(page.image, (await read(still)).image);
  assert.deepEqual(page.notes, ["it is a film: its cover picture alone is read"]);
});
