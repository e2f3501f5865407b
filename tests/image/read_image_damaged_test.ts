// The errors of readImage() for files that are missing, damaged or no pictures.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import sharp from "sharp";
import { FileError } from "../../lib/files/mod.ts";
import { createImage, crop, luminance, readImage, writeImage } from "../../lib/image/mod.ts";
import { inFolder, levels, picture, png, rejectsInOneLine } from "./_fixtures.ts";

const extensions = ["png", "jpg", "webp", "tif", "avif"];

/** Calls `test` with the bytes of a real picture in every format, and of some special kinds. */
async function withPictures(folder: string, test: (name: string, bytes: Uint8Array) => unknown) {
  const chelsea = fileURLToPath(new URL("../../data/chelsea.png", import.meta.url));
  const photo = crop(await readImage(chelsea), 60, 100, 96, 128);
  for (const extension of extensions) {
    for (const bitDepth of [8, 16] as const) {
      const path = `${folder}/whole.${extension}`;
      const image = bitDepth === 8 ? photo : luminance(photo);
      await writeImage(path, { ...image, bitDepth, alpha: luminance(photo).data });
      await test(`${bitDepth}-bit ${extension}`, await Deno.readFile(path));
    }
  }
  const raw = sharp(levels(photo), { raw: { height: 96, width: 128, channels: 3 } });
  await test("palette png", await raw.clone().png({ palette: true }).toBuffer());
  await test("interlaced png", await raw.clone().png({ progressive: true }).toBuffer());
  await test("progressive jpg", await raw.clone().jpeg({ progressive: true }).toBuffer());
  await test("lossy webp", await raw.clone().webp().toBuffer());
  for (const compression of ["none", "lzw", "jpeg"] as const) {
    await test(`${compression} tif`, await raw.clone().tiff({ compression }).toBuffer());
  }
}

Deno.test("readImage() names what is wrong with a file that is no picture", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/file.png`;
    const says = async (bytes: Uint8Array, message: RegExp) => {
      await Deno.writeFile(path, bytes);
      await rejectsInOneLine(readImage(path), message);
    };
    const text = (content: string) => new TextEncoder().encode(content);

    await rejectsInOneLine(readImage(path), /cannot read ".*file\.png": there is no such file/);
    await rejectsInOneLine(readImage(folder), /it is a folder/);
    await says(new Uint8Array(0), /the file is empty/);
    await says(
      text("not\na picture"),
      /it is not a PNG, JPEG, WebP, TIFF, AVIF, HEIC, GIF or BMP picture/,
    );
    await says(text('<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"/>'), /svg/);
    await rejectsInOneLine(readImage(`${path}/below`), /a part of its path is not a folder/);
    await rejectsInOneLine(readImage(`${folder}/a\nb.png`), /a b\.png/);
  });
});

Deno.test("readImage() takes the smallest pictures and refuses those that are too large", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/file`;
    for (const [width, height] of [[1, 1], [15, 16], [16, 15], [4000, 1]] as const) {
      await writeImage(`${path}.png`, createImage({ height, width, channels: 1 }));
      const image = await readImage(`${path}.png`);
      assert.deepEqual([image.width, image.height], [width, height]);
    }
    const vast = png({ width: 30000, height: 30000, depth: 8, colour: 0, rows: [[0]] });
    await Deno.writeFile(path, vast);
    await rejectsInOneLine(readImage(path), /30000x30000; it may have at most 268 million pixels/);
  });
});

/**
 * A PNG's last chunk with its checksum before, a JPEG's end marker and a byte; behind the pixels of a TIFF there
 * may be tags that they do not depend on.
 */
const END: Readonly<Record<string, number>> = { png: 16, jpg: 4, tif: Infinity };

Deno.test("readImage() refuses every picture that is cut short", async () => {
  await inFolder(async (folder) => {
    await withPictures(folder, async (name, bytes) => {
      await Deno.writeFile(`${folder}/whole`, bytes);
      const whole = await readImage(`${folder}/whole`);
      const last = Array.from({ length: 16 }, (_, i) => bytes.length - 1 - i);
      const spread = Array.from({ length: 40 }, (_, i) => 1 + Math.floor(bytes.length * i / 40));
      for (const length of [...spread, ...last]) {
        await Deno.writeFile(`${folder}/cut`, bytes.subarray(0, length));
        // Without the last bytes of these the picture is whole.
        const isEnd = bytes.length - length <= (END[name.slice(-3)] ?? 0);
        const read = await readImage(`${folder}/cut`).catch((error) => {
          assert.ok(error instanceof FileError, `${error}`);
          assert.match(error.message, /^cannot read [^\n]*$/);
        });
        const what = `${name} cut to ${length} of ${bytes.length} bytes`;
        if (!isEnd) assert.equal(read, undefined, what);
        else if (read) assert.deepEqual(read, whole, what);
      }
    });
  });
});

Deno.test("readImage() never fails in another way on changed bytes", async () => {
  await inFolder(async (folder) => {
    await withPictures(folder, async (_name, bytes) => {
      const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
          const changed = bytes.slice();
          for (const [at, byte] of changes) changed[at] = byte;
          await Deno.writeFile(`${folder}/changed`, changed);
          try {
            const image = createImage(await readImage(`${folder}/changed`));
            assert.ok(image.data.every((value) => value >= 0 && value <= 1));
          } catch (error) {
            assert.ok(error instanceof FileError, `${error}`);
          }
        }),
        { numRuns: 15, seed: 1 },
      );
    });
  });
});

Deno.test("readImage() prints nothing and needs only --allow-read, --allow-ffi and two variables", async () => {
  await inFolder(async (folder) => {
    await writeImage(`${folder}/whole.jpg`, picture(32, 32, 3));
    const bytes = await Deno.readFile(`${folder}/whole.jpg`);
    await Deno.writeFile(`${folder}/cut.jpg`, bytes.subarray(0, bytes.length - 100));
    const module = new URL("../../lib/image/mod.ts", import.meta.url);
    await Deno.writeTextFile(
      `${folder}/main.ts`,
      `import { readImage } from "${module}";
       await readImage(Deno.args[0] + "/whole.jpg");
       await readImage(Deno.args[0] + "/cut.jpg").catch((error) => console.log(error.name));`,
    );
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--config", config, "--allow-read", "--allow-ffi"],
        ...["--allow-env=npm_package_config_libvips,MALLOC_ARENA_MAX", `${folder}/main.ts`, folder],
      ],
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    assert.equal(new TextDecoder().decode(stdout), "FileError\n");
  });
});
