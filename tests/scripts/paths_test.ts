// The default output, and the files that must not be written over.
import assert from "node:assert/strict";
import { join } from "node:path";
import { checkWritable } from "../../lib/image/mod.ts";
import { defaultOutput, refuseSameFile, WRITTEN } from "../../scripts/_paths.ts";
import { inFolder } from "./_command.ts";

Deno.test("defaultOutput() keeps the folder and the extension where it can be written", () => {
  const output = (input: string) => defaultOutput(input, "-denoised");
  assert.equal(output("photo.png"), "photo-denoised.png");
  assert.equal(output("/a.b/photo.v2.JPG"), "/a.b/photo.v2-denoised.JPG");
  assert.equal(output("photo.jfif"), "photo-denoised.png");
  assert.equal(output("photo"), "photo-denoised.png");
});

Deno.test("the extensions that defaultOutput() keeps are those that can be written", async () => {
  await inFolder(async (folder) => {
    for (const extension of WRITTEN) await checkWritable(join(folder, `x${extension}`));
  });
});

Deno.test("refuseSameFile() sees through links and ways round", async () => {
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
