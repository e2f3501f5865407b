// Pictures through pipes, and the output with --strip.
import assert from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import { openPicture, readImage } from "../../lib/image/mod.ts";
import { catInput, inFolder, namesIn, ROOT, runTask, taskCommand } from "./_command.ts";

const FAST = ["--quality", "fast", "--noise-sigma", "10"];

/** Runs a task with bytes on its standard input; gives what it writes. */
async function piped(bytes: Uint8Array, ...args: string[]) {
  const [program, ...own] = taskCommand("denoise", ...args);
  const child = new Deno.Command(program!, {
    ...{ args: own, cwd: ROOT, env: { NO_COLOR: "1" } },
    ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
  }).spawn();
  // A command that refuses its options does not read.
  const writing = new Blob([bytes.slice()]).stream().pipeTo(child.stdin).catch(() => {});
  const { code, stdout, stderr } = await child.output();
  await writing;
  return { code, stdout, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("a picture through a pipe gives the same bytes as a file", async () => {
  await inFolder(async (folder) => {
    const input = await catInput(folder), bytes = await Deno.readFile(input);
    const through = await piped(bytes, "-", ...FAST, "--format", "png");
    assert.equal(through.code, 0, through.stderr);
    const output = join(folder, "out.png");
    assert.equal((await runTask("denoise", input, ...FAST, "--output", output)).code, 0);
    assert.deepEqual(through.stdout, await Deno.readFile(output));
    // What is said goes to standard error.
    assert.match(through.stderr, /initial estimate/);
    const byName = await piped(bytes, "/dev/stdin", ...FAST, "--output", "-", "--format", "jpeg");
    assert.equal(byName.code, 0, byName.stderr);
    assert.deepEqual([...byName.stdout.subarray(0, 2)], [0xff, 0xd8]);
    const named = join(folder, "named.webp");
    assert.equal((await piped(bytes, "-", ...FAST, "--output", named)).code, 0);
    assert.equal((await readImage(named)).width, (await readImage(input)).width);
  });
});

Deno.test("an error of a pipe is one line, with nothing on standard output", async () => {
  await inFolder(async (folder) => {
    const input = await catInput(folder), bytes = await Deno.readFile(input);
    const cases: [bytes: Uint8Array, args: string[], line: RegExp][] = [
      [new Uint8Array(0), ["-", "--format", "png"], /^denoise: .*standard input.*empty/],
      [bytes.subarray(0, 200), ["-", "--format", "png"], /^denoise: .*standard input.*damaged/],
    ];
    for (const [given, args, line] of cases) {
      const { code, stdout, stderr } = await piped(given, ...args, ...FAST);
      assert.equal(code, 1, stderr);
      assert.match(stderr, line);
      assert.equal(stdout.length, 0);
    }
    assert.deepEqual(namesIn(folder), ["cat.png"]);
  });
});

Deno.test("--strip drops everything but the picture", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "photo.jpg"),
      { data, ...size } = await readImage(await catInput(folder));
    const bytes = Uint8Array.from(data, (value) => Math.round(value * 255));
    const { height, width, channels } = size;
    await sharp(bytes, { raw: { height, width, channels } })
      .withExif({ IFD0: { Make: "A camera", Copyright: "Somebody" } }).withIccProfile("p3")
      .withMetadata({ density: 300 }).jpeg().toFile(file);
    for (const [more, isKept] of [[[], true], [["--strip"], false]] as const) {
      const output = join(folder, `out-${isKept}.jpg`);
      const { code, stderr } = await runTask("denoise", file, ...FAST, ...more, "--output", output);
      assert.equal(code, 0, stderr);
      const { metadata } = await (await openPicture(output)).page(0);
      assert.equal(metadata.resolution !== undefined, isKept);
      assert.equal(metadata.exif !== undefined, isKept);
      assert.equal(metadata.icc !== undefined, isKept);
    }
  });
});
