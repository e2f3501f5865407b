// The default output, and the files that must not be overwritten.
import assert from "node:assert/strict";
import { join } from "node:path";
import { checkImageWritable, WRITTEN_EXTENSIONS } from "../../lib/image/mod.ts";
import { defaultOutput, outputFor, refuseSameFile } from "../../scripts/_paths.ts";
import { inFolder } from "./_command.ts";

Deno.test("defaultOutput() keeps the folder and the extension where it can be written", () => {
  const output = (input: string) => defaultOutput(input, "-denoised");
  assert.equal(output("photo.png"), "photo-denoised.png");
  assert.equal(output("/a.b/photo.v2.JPG"), "/a.b/photo.v2-denoised.JPG");
  assert.equal(output("photo.jfif"), "photo-denoised.jfif");
  assert.equal(output("photo"), "photo-denoised.png");
});

Deno.test("pictures of one name but for the extension go to files of different names", () => {
  const extensions = ["jpg", "jpe", "jfif", "mpo", "heic", "bmp", "png", "tif", "gif", "dng"];
  const outputs = extensions.map((extension) => defaultOutput(`x.${extension}`, "-denoised"));
  assert.equal(new Set(outputs).size, extensions.length, outputs.join());
  assert.equal(defaultOutput("x.mpo", "-denoised"), "x.mpo-denoised.png");
});

Deno.test("outputFor() writes into a folder, there already or named as one, and to a pipe", async () => {
  await inFolder(async (folder) => {
    const of = (input: string, output?: string, format?: "jpeg") =>
      outputFor(input, "-denoised", { ...output && { output }, ...format && { format } });
    assert.equal(await of("a/b.png", folder), join(folder, "b-denoised.png"));
    assert.equal(await of("a/b.png", `${folder}/new/`), join(folder, "new", "b-denoised.png"));
    assert.equal(await of("a/b.png", join(folder, "c.png")), join(folder, "c.png"));
    assert.equal(await of("a/b.heic", `${folder}/`, "jpeg"), join(folder, "b.heic-denoised.jpg"));
    assert.equal(await of("-"), "-");
    assert.equal(await of("/dev/stdin"), "-");
    assert.equal(await of("a/b.png", "/dev/stdout"), "-");
    assert.equal(await of("-", folder), join(folder, "picture-denoised.png"));
  });
});

Deno.test("the extensions that defaultOutput() keeps are those that can be written", async () => {
  await inFolder(async (folder) => {
    for (const extension of WRITTEN_EXTENSIONS) {
      await checkImageWritable(join(folder, `x${extension}`));
    }
  });
});

Deno.test("refuseSameFile() resolves links and relative paths", async () => {
  await inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    await Deno.writeTextFile(at("a.png"), "a");
    await Deno.writeTextFile(at("b.png"), "a");
    await Deno.link(at("a.png"), at("hard.png"));
    await Deno.symlink(folder, at("loop"));
    const check = (output: string, record?: string) =>
      refuseSameFile([
        { name: "the output", path: output, written: true },
        { name: "the record", path: record, written: true },
        { name: "the input", path: at("a.png"), written: false },
        // Reading one file twice is fine.
        { name: "the reference", path: at("a.png"), written: false },
      ]);
    await check(at("b.png"));
    await check(at("new.png"), at("new.json"));
    for (const output of ["a.png", "hard.png", "loop/a.png", "loop/loop/a.png"]) {
      await assert.rejects(
        check(`${folder}/${output}`),
        /^Error: the output ".*" is the same file as the input$/,
        output,
      );
    }
    await assert.rejects(
      check(at("new.png"), at("loop/new.png")),
      /the record ".*" is the same file as the output/,
    );
  });
});
