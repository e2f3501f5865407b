// deno task batch: the files that belong to each picture, and what it refuses.
import assert from "node:assert/strict";
import { join } from "node:path";
import { createImage, encodePng, type Image, readImage, writeImage } from "../../lib/image/mod.ts";
import { assertOneLine, catsFace, inFolder, namesIn, started, TINY } from "./_command.ts";
import { batch, photosIn } from "./_batch.ts";

Deno.test("batch takes each picture's mask or reference from a folder", async (t) => {
  await inFolder(async (folder) => {
    const photos = await photosIn(folder, "a.jpg", "b.png", "c.png");
    const masks = join(folder, "masks"), clean = join(folder, "clean");
    for (const made of [masks, clean]) await Deno.mkdir(made);
    const mask: Image = createImage({ height: 32, width: 32, channels: 1 });
    mask.data.fill(1).fill(0, 100, 120);
    await writeImage(join(masks, "a.png"), mask);
    await writeImage(join(masks, "b.png"), mask);
    for (const name of ["a.jpg", "b.png"]) {
      await Deno.copyFile(join(photos, name), join(clean, name));
    }
    const args = [photos, "--task", "inpaint", "--mask", masks, ...TINY];

    await t.step("by name, or by name but for the extension", async () => {
      const { code, stdout, stderr } = await batch(...args, "--reference", clean, "--json", "-q");
      assert.equal(code, 1);
      assert.match(stderr, /^batch: c\.png: --mask ".*masks" has no picture of its name\n$/);
      const [a, b, c] = JSON.parse(stdout);
      assert.ok(a.psnr.after > 10 && b.psnr.after > 10);
      assert.match(c.error, /--mask/);
      assert.ok(a.output.endsWith("photos-inpainted/a.jpg"));
      // Only the hole may have changed.
      const known = (image: Image) => image.data.filter((_, i) => mask.data[Math.floor(i / 3)]);
      assert.deepEqual(
        known(await readImage(b.output)),
        known(await readImage(join(photos, "b.png"))),
      );
    });

    await t.step("another mask or reference repeats only its picture", async () => {
      mask.data.fill(0, 300, 320);
      await writeImage(join(masks, "b.png"), mask);
      await Deno.copyFile(join(masks, "b.png"), join(masks, "c.png"));
      await Deno.copyFile(join(photos, "c.png"), join(clean, "c.png"));
      const again = await batch(...args, "--reference", clean);
      assert.equal(again.code, 0, again.stderr);
      assert.deepEqual(started(again), ["b.png", "c.png"]);
    });

    await t.step("an ambiguous file is refused; one file is used for all", async () => {
      await writeImage(join(masks, "a.webp"), mask);
      const output = ["--output", join(folder, "other")];
      const several = await batch(...args, "-q", ...output);
      assert.equal(several.code, 1);
      assert.match(
        several.stderr,
        /^batch: a\.jpg: --mask ".*" has several of its name: a\.png, a\.webp\n$/,
      );
      const one = await batch(...args, "--mask", join(masks, "a.webp"), ...output);
      assert.equal(one.code, 0, one.stderr);
      assert.deepEqual(started(one), ["a.jpg", "b.png", "c.png"]);
    });
  });
});

Deno.test("batch refuses what it cannot do in one line, before any run", async (t) => {
  await inFolder(async (folder) => {
    const photos = await photosIn(folder, "a.png");
    const at = (name: string) => join(folder, name);
    for (const name of ["empty", "own", "double"]) await Deno.mkdir(at(name));
    await Deno.writeTextFile(at("empty/notes.txt"), "no picture\n");
    await Deno.copyFile(join(photos, "a.png"), at("own/a.png"));
    const jpeg = await encodePng(await catsFace(32));
    for (const name of ["a.heic", "a.heic.png"]) await Deno.writeFile(at(`double/${name}`), jpeg);
    const before = namesIn(folder);
    const cases: [args: string[], exitCode: number, line: RegExp][] = [
      [[], 2, /missing required argument 'folder'/],
      [["photos", "--jobs", "0"], 2, /--jobs <n>' argument '0' is invalid/],
      [["photos", "--task", "paint"], 2, /--task "paint" is not one of denoise, /],
      [["photos", "--objective", "r2r", "--network", "decoder"], 2, /needs a network that reads/],
      [
        ["empty"],
        1,
        /there is no PNG, JPEG, WebP, TIFF, AVIF, HEIC, GIF or BMP picture in ".*empty"/,
      ],
      [["no"], 1, /cannot read the folder ".*no": No such file or directory/],
      [["photos/a.png"], 1, /cannot read the folder ".*a\.png": Not a directory/],
      [["double"], 1, /a\.heic and a\.heic\.png would both go to ".*double-denoised.a\.heic\.png"/],
      [["photos", "--output", "photos"], 2, /the output ".*" is the same folder as the input/],
      [["photos", "--reference", "own", "--output", "own"], 2, /the same folder as --reference/],
      [["photos", "--output", "own"], 1, /"[^"]*a\.png" is there, and not from a batch/],
      [["photos", "--output", "photos/a.png"], 1, /cannot make the folder/],
      [["photos", "--reference", "no"], 1, /cannot read --reference ".*no": No such file/],
    ];
    for (const [args, exitCode, line] of cases) {
      await t.step(args.join(" "), async () => {
        const paths = args.map((arg) =>
          /^(photos|own|no|empty|double)\b/.test(arg) ? at(arg) : arg
        );
        assertOneLine("batch", await batch(...paths), exitCode, line);
      });
    }
    assert.deepEqual(namesIn(folder), before);
    assert.deepEqual([namesIn(photos), namesIn(at("own"))], [["a.png"], ["a.png"]]);
  });
});
