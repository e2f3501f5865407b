// JPEG's data term: coefficients against the formula, 0 within half a step, and the tables of the file.
import assert from "node:assert/strict";
import sharp from "sharp";
import { deblocking, denoising } from "../../lib/degradation/mod.ts";
import {
  compressJpeg,
  createImage,
  type Image,
  type JpegQuantization,
  jpegQuantization,
  readImage,
  readJpegQuantization,
} from "../../lib/image/mod.ts";
import { exif, inFolder, levels, png } from "../image/_fixtures.ts";
import { picture } from "../restoration/_pictures.ts";
import { allCoefficients, block, CHROMINANCE, coefficients, LUMINANCE, planesOf } from "./_jpeg.ts";
import { assertClose, chance, misfitOf } from "./_operators.ts";

/** The mean over all coefficients of max(|d| - q/2, 0)² + inside d². */
function naive(
  output: Image,
  observed: Image,
  { luminance, chrominance, subsampling }: JpegQuantization,
  inside: number,
): number {
  const error = {
    ...output,
    data: output.data.map((value, i) => value - observed.data[i]!),
  };
  let sum = 0, count = 0;
  planesOf(error, subsampling).forEach((plane, i) => {
    const steps = i === 0 ? luminance : chrominance;
    for (const block of allCoefficients(plane)) {
      block.forEach((d, k) => {
        sum += Math.max(Math.abs(d) - steps[k]! / 255 / 2, 0) ** 2 + inside * d * d;
        count++;
      });
    }
  });
  return sum / count;
}

const tables = { luminance: LUMINANCE, chrominance: CHROMINANCE };

for (
  const [height, width, channels, subsampling] of [
    [16, 24, 1, [1, 1]],
    [17, 31, 1, [1, 1]],
    [33, 49, 3, [2, 2]],
    [32, 16, 3, [2, 2]],
    [18, 21, 3, [1, 1]],
    [19, 35, 3, [1, 2]],
    [35, 19, 3, [2, 1]],
  ] as const
) {
  const kind = channels === 1 ? "grey" : `colour, subsampled by ${subsampling.join("x")}`;
  Deno.test(`JPEG's data term is its formula: ${height}x${width}, ${kind}`, () => {
    const quantization = { ...tables, subsampling };
    const observed = chance(height, width, channels, 1),
      output = chance(height, width, channels, 2);
    for (const inside of [0, 0.05, 1]) {
      const problem = deblocking(observed, quantization, { inside });
      const expected = naive(output, observed, quantization, inside);
      assertClose([misfitOf(problem, output)], [expected], 1e-4);
    }
  });
}

/** A grey picture of 16x16 that differs from another by these coefficients of its second block. */
function differing(observed: Image, by: readonly number[]): Image {
  const difference = block(by);
  return {
    ...observed,
    data: observed.data.map((value, i) => {
      const y = Math.floor(i / 16), x = i % 16;
      return y < 8 && x >= 8 ? value + difference[y * 8 + x - 8]! : value;
    }),
  };
}

Deno.test("within half a step of every coefficient JPEG's data term is 0, beyond it grows", () => {
  const observed = chance(16, 16, 1, 3), quantization = { ...tables, subsampling: [1, 1] as const };
  const problem = deblocking(observed, quantization, { inside: 0 });
  const within = LUMINANCE.map((q, k) => (k % 2 ? 0.49 : -0.49) * q / 255);
  assert.ok(misfitOf(problem, differing(observed, within)) < 1e-12);
  for (const [k, beyond] of [[0, 0.01], [9, -0.02], [63, 0.05]] as const) {
    const by = within.map((d, i) => i === k ? Math.sign(beyond) * LUMINANCE[k]! / 510 + beyond : d);
    // Four blocks have 256 coefficients.
    assertClose([misfitOf(problem, differing(observed, by))], [beyond ** 2 / 256], 1e-4);
  }
});

/** libjpeg's jpeg_set_quality: percent of Annex K's tables, from 1 to 255. */
function scaled(table: readonly number[], quality: number): number[] {
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  return table.map((step) => Math.min(Math.max(Math.floor((step * percent + 50) / 100), 1), 255));
}

Deno.test("a file's tables are Annex K's at quality 50, and scale as libjpeg's", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.jpg`;
    const raw = { height: 24, width: 40, channels: 3 } as const;
    for (const quality of [1, 5, 10, 25, 49, 50, 51, 75, 90, 99, 100]) {
      for (const chromaSubsampling of ["4:2:0", "4:4:4"]) {
        await sharp(levels(picture(24, 40, 3)), { raw }).jpeg({ quality, chromaSubsampling })
          .toFile(path);
        const found = await readJpegQuantization(path), n = chromaSubsampling === "4:2:0" ? 2 : 1;
        assert.deepEqual(found!.luminance, scaled(LUMINANCE, quality), `${quality}`);
        assert.deepEqual(found!.chrominance, scaled(CHROMINANCE, quality), `${quality}`);
        assert.deepEqual(found!.subsampling, [n, n]);
      }
      const { quantization } = await compressJpeg(picture(24, 40, 1), quality);
      assert.deepEqual(quantization.luminance, scaled(LUMINANCE, quality));
    }
    assert.deepEqual(scaled(LUMINANCE, 50), LUMINANCE);
  });
});

/** Where a picture's first whole block begins: the blocks are counted from the end if it was turned. */
const firstOf = (size: number, fromEnd: boolean | undefined) => fromEnd ? size % 8 : 0;

/** How far the coefficients of whole blocks are from multiples of their steps, at most, in levels. */
function distance(image: Image, { luminance, fromBottom, fromRight }: JpegQuantization): number {
  const { height, width, data } = image;
  let most = 0;
  for (let top = firstOf(height, fromBottom); top + 8 <= height; top += 8) {
    for (let left = firstOf(width, fromRight); left + 8 <= width; left += 8) {
      coefficients((y, x) => data[(top + y) * width + left + x]! * 255 - 128).forEach((c, k) => {
        const q = luminance[k]!;
        most = Math.max(most, Math.abs(c - q * Math.round(c / q)));
      });
    }
  }
  return most;
}

const MIDDLE = { top: 8, left: 8, height: 24, width: 24 };

/** A JPEG whose file says how it is to be turned, in a segment of its own after the first marker. */
function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  const head = [...new TextEncoder().encode("Exif"), 0, 0, ...exif(orientation)];
  const segment = [0xff, 0xe1, 0, head.length + 2, ...head];
  return Uint8Array.from([...jpeg.subarray(0, 2), ...segment, ...jpeg.subarray(2)]);
}

for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
  Deno.test(`the blocks of a turned photograph are turned with it: orientation ${orientation}`, async () => {
    await inFolder(async (folder) => {
      // Fine detail, but nowhere so strong that a decoder would clip.
      const { data } = chance(45, 37, 1, 7), middle = data.map((value) => 0.4 + 0.2 * value);
      const clean = createImage({ height: 45, width: 37, channels: 1, data: middle });
      const lying = `${folder}/lying.jpg`, turned = `${folder}/turned.png`;
      const whole = levels(clean) as Uint8Array;
      const raw = sharp(whole, { raw: { height: 45, width: 37, channels: 1 } });
      const jpeg = await raw.toColourspace("b-w").jpeg({ quality: 60 }).toBuffer();
      await Deno.writeFile(lying, withOrientation(jpeg, orientation));
      const rows = Array.from({ length: 45 }, (_, y) => [...whole.slice(y * 37, y * 37 + 37)]);
      await Deno.writeFile(
        turned,
        png({ width: 37, height: 45, depth: 8, colour: 0, rows, orientation }),
      );
      const observed = await readImage(lying), reference = await readImage(turned);
      const quantization = (await readJpegQuantization(lying))!;
      // Decoding rounds each pixel by up to half a level: the orthonormal transform makes at most four of it.
      const off = distance(observed, quantization);
      assert.ok(off <= 4, `${off} levels`);
      if (orientation > 1) {
        const { fromBottom: _, fromRight: __, ...lost } = quantization;
        const wrong = orientation === 5 ? { ...lost, luminance: scaled(LUMINANCE, 60) } : lost;
        assert.ok(distance(observed, wrong) > 8, "the tables or the corner matter");
      }
      // The picture itself is one that the file agrees with, but for the rounding to levels. Of the blocks
      // that reach out of the picture a decoder leaves only a part: they are left out.
      const within = deblocking(observed, quantization, { inside: 0 }).crop(MIDDLE);
      const agrees = misfitOf(within, denoising(reference).crop(MIDDLE).observed);
      assert.ok(agrees < 2e-6, `${agrees}`);
    });
  });
}

/** The same of the blocks that are whole within a region of a grey picture. */
function naiveWithin(
  output: Image,
  observed: Image,
  steps: readonly number[],
  tops: readonly number[],
  lefts: readonly number[],
): number {
  let sum = 0;
  for (const top of tops) {
    for (const left of lefts) {
      coefficients((y, x) => {
        const clamp = (at: number, size: number) => Math.min(Math.max(at, 0), size - 1);
        const i = clamp(top + y, output.height) * output.width + clamp(left + x, output.width);
        return output.data[i]! - observed.data[i]!;
      }).forEach((d, k) => sum += Math.max(Math.abs(d) - steps[k]! / 510, 0) ** 2);
    }
  }
  return sum / (tops.length * lefts.length * 64);
}

Deno.test("a part of a JPEG has the blocks that are complete in it, at any offset", () => {
  const observed = chance(45, 37, 1, 4), output = chance(45, 37, 1, 5);
  const misfit = (quantization: JpegQuantization, region: [number, number, number, number]) => {
    const [top, left, height, width] = region, part = { top, left, height, width };
    const problem = deblocking(observed, quantization, { inside: 0 });
    const shown = deblocking(output, quantization, { inside: 0 }).crop(part).observed;
    return misfitOf(problem.crop(part), shown);
  };
  const { luminance } = tables, straight = { ...tables, subsampling: [1, 1] as const };
  const turned = { ...straight, fromBottom: true, fromRight: true };
  const cases: [JpegQuantization, [number, number, number, number], number[], number[]][] = [
    [straight, [0, 0, 45, 37], [0, 8, 16, 24, 32, 40], [0, 8, 16, 24, 32]],
    [straight, [8, 16, 37, 21], [8, 16, 24, 32, 40], [16, 24, 32]],
    [straight, [8, 8, 16, 24], [8, 16], [8, 16, 24]],
    // 45 and 37 pixels counted from the end: blocks begin at -3, 5, 13... both ways.
    [turned, [0, 0, 45, 37], [-3, 5, 13, 21, 29, 37], [-3, 5, 13, 21, 29]],
    [turned, [0, 0, 24, 16], [-3, 5, 13], [-3, 5]],
    [turned, [8, 16, 37, 21], [13, 21, 29, 37], [21, 29]],
    [turned, [8, 8, 24, 24], [13, 21], [13, 21]],
  ];
  for (const [quantization, region, tops, lefts] of cases) {
    const expected = naiveWithin(output, observed, luminance, tops, lefts);
    assertClose([misfit(quantization, region)], [expected], 1e-4);
  }
  // A part of a part is that part of the whole.
  const whole = deblocking(observed, turned, { inside: 0 });
  const twice = whole.crop({ top: 8, left: 8, height: 32, width: 24 })
    .crop({ top: 8, left: 8, height: 16, width: 16 });
  const once = whole.crop({ top: 16, left: 16, height: 16, width: 16 });
  const shown = chance(16, 16, 1, 6);
  assert.equal(misfitOf(twice, shown), misfitOf(once, shown));
});

Deno.test("deblocking() refuses invalid weights and files", () => {
  const quantization = { ...tables, subsampling: [1, 1] as const };
  for (const inside of [-0.1, 1.1, NaN]) {
    assert.throws(() => deblocking(chance(16, 16, 1, 1), quantization, { inside }), /`inside`/);
  }
  for (const subsampling of [[0.5, 1], [1, 4 / 3], [15, 1]] as const) {
    const odd = { ...tables, subsampling };
    assert.throws(() => deblocking(chance(16, 16, 3, 1), odd), /`quantization`/);
  }
});

Deno.test("a JPEG in CMYK or RGB has no luminance channel: its tables are not used", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/a.jpg`, raw = { height: 24, width: 32, channels: 3 } as const;
    const picture24 = sharp(levels(picture(24, 32, 3)), { raw });
    await picture24.clone().toColourspace("cmyk").jpeg().toFile(path);
    assert.equal((await readImage(path)).channels, 3);
    assert.equal(await readJpegQuantization(path), undefined);

    const jpeg = new Uint8Array(
      await picture24.clone().jpeg({ chromaSubsampling: "4:4:4" }).toBuffer(),
    );
    assert.ok(jpegQuantization(jpeg));
    // Adobe's segment says what was transformed, JFIF's that all was.
    const rest = jpeg.subarray(2), start = [0xff, 0xd8];
    const text = (text: string) => [...new TextEncoder().encode(text)];
    const adobe = (
      transform: number,
    ) => [0xff, 0xee, 0, 14, ...text("Adobe"), 0, 100, 0, 0, 0, 0, transform];
    const jfif = [0xff, 0xe0, 0, 16, ...text("JFIF"), 0, 1, 1, 0, 0, 1, 0, 1, 0, 0];
    const told = (...segments: number[]) => Uint8Array.from([...start, ...segments, ...rest]);
    assert.equal(jpegQuantization(told(...adobe(0))), undefined);
    assert.ok(jpegQuantization(told(...adobe(1))));
    assert.ok(jpegQuantization(told(...jfif, ...adobe(0))));
    // Nothing but the names of the components.
    const named = told();
    const frame = named.findIndex((byte, i) => byte === 0xff && named[i + 1] === 0xc0);
    [..."RGB"].forEach((name, i) => named[frame + 10 + 3 * i] = name.charCodeAt(0));
    assert.equal(jpegQuantization(named), undefined);
  });
});
