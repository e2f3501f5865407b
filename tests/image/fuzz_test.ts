// Thousands of damaged files: each is read, or refused by a FileError of one line, without delay.
import assert from "node:assert/strict";
import fc from "fast-check";
import sharp from "sharp";
import { deblocking } from "../../lib/degradation/mod.ts";
import { FileError } from "../../lib/files/mod.ts";
import {
  createImage,
  type Image,
  jpegQuantization,
  readImage,
  readJpegQuantization,
  writeImage,
} from "../../lib/image/mod.ts";
import { damages } from "./_damage.ts";
import { inFolder, levels, picture } from "./_fixtures.ts";

/** How many damaged copies of each file are read: `FUZZ=5000 deno test ...` for a long night. */
const COPIES = Number(Deno.env.get("FUZZ") ?? 150);

/** The longest that one may take, on a machine that does much else at the time. */
const LONGEST_SECONDS = 20;

/** Small files of every format, and of kinds that their decoders treat in another way. */
async function files(folder: string): Promise<Record<string, Uint8Array>> {
  const found: Record<string, Uint8Array> = {};
  for (const extension of ["png", "jpg", "webp", "tif", "avif"]) {
    for (const bitDepth of [8, 16] as const) {
      const path = `${folder}/whole.${extension}`;
      await writeImage(path, picture(24, 33, bitDepth === 8 ? 3 : 1, { bitDepth, alpha: true }));
      found[`${extension}, ${bitDepth} bits`] = await Deno.readFile(path);
    }
  }
  const raw = sharp(levels(picture(24, 33, 3)), { raw: { height: 24, width: 33, channels: 3 } });
  found["interlaced png"] = await raw.clone().png({ progressive: true }).toBuffer();
  found["palette png"] = await raw.clone().png({ palette: true }).toBuffer();
  found["progressive jpg, 4:2:0"] = await raw.clone().jpeg({ progressive: true, quality: 60 })
    .toBuffer();
  found["turned jpg with a profile"] = await raw.clone().withMetadata({ orientation: 6 }).jpeg()
    .toBuffer();
  found["lossy webp"] = await raw.clone().webp().toBuffer();
  found["jpeg in tif"] = await raw.clone().tiff({ compression: "jpeg" }).toBuffer();
  found["tiled lzw tif"] = await raw.clone().tiff({
    compression: "lzw",
    tile: true,
    tileWidth: 16,
    tileHeight: 16,
  }).toBuffer();
  return found;
}

/** The result, or the one line that is said instead; anything else is a fault. */
async function orOneLine<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    assert.ok(error instanceof FileError, `${error instanceof Error ? error.stack : error}`);
    assert.match(error.message, /^cannot read ".*": \S/);
    assert.doesNotMatch(error.message, /[\r\n]/);
    return undefined;
  }
}

function assertPicture(image: Image): void {
  createImage(image);
  assert.ok(Math.min(image.height, image.width) >= 16);
  const isSample = (value: number) => value >= 0 && value <= 1;
  assert.ok(image.data.every(isSample) && (image.alpha?.every(isSample) ?? true));
}

/** Asserts that quantisation is undefined or makes sense, to the task that uses it too. */
function assertQuantization(found: ReturnType<typeof jpegQuantization>, image?: Image): void {
  if (!found) return;
  for (const table of [found.luminance, found.chrominance]) {
    assert.equal(table.length, 64);
    assert.ok(table.every((step) => Number.isInteger(step) && step >= 0 && step <= 65535));
  }
  assert.ok(found.subsampling.every((n) => n > 0 && n <= 15));
  if (!image) return;
  try {
    deblocking(image, found);
  } catch (error) {
    assert.ok(error instanceof RangeError && /^`quantization`/.test(error.message), `${error}`);
  }
}

Deno.test("a damaged file is read or refused in one line", async (t) => {
  await inFolder(async (folder) => {
    const whole = await files(folder), path = `${folder}/damaged`;
    const damage = damages(Object.values(whole));
    for (const [name, bytes] of Object.entries(whole)) {
      await t.step(name, async () => {
        await fc.assert(
          fc.asyncProperty(damage, async (damage) => {
            const damaged = damage(bytes), start = performance.now();
            await Deno.writeFile(path, damaged);
            const image = await orOneLine(readImage(path));
            if (image) assertPicture(image);
            assertQuantization(jpegQuantization(damaged), image);
            assertQuantization(await orOneLine(readJpegQuantization(path)), image);
            const seconds = (performance.now() - start) / 1000;
            assert.ok(seconds < LONGEST_SECONDS, `${seconds} s`);
          }),
          { numRuns: COPIES, seed: 5 },
        );
      });
    }
  });
});

Deno.test("random bytes, and headers without a picture, are refused in one line", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/bytes`;
    const heads = Object.values(await files(folder)).map((bytes) => bytes.subarray(0, 12));
    const bytes = fc.tuple(
      fc.constantFrom(new Uint8Array(), Uint8Array.of(0xff, 0xd8, 0xff), ...heads),
      fc.uint8Array({ maxLength: 300 }),
    ).map(([head, rest]) => Uint8Array.from([...head, ...rest]));
    await fc.assert(
      fc.asyncProperty(bytes, async (bytes) => {
        await Deno.writeFile(path, bytes);
        assert.equal(await orOneLine(readImage(path)), undefined);
        assertQuantization(jpegQuantization(bytes));
        assertQuantization(await orOneLine(readJpegQuantization(path)));
      }),
      { numRuns: 4 * COPIES, seed: 6 },
    );
  });
});

Deno.test("paths of any characters are refused in one line", async () => {
  for (
    const path of ["", " ", "\u0000", "a\u0000b.png", "\n", "\ud800", "x".repeat(1e5), "/dev/null"]
  ) {
    assert.equal(await orOneLine(readImage(path)), undefined);
    assert.equal(await orOneLine(readJpegQuantization(path)), undefined);
  }
});
