// deno task denoise: every mistake gives one line, an exit code and no partial file.
import assert from "node:assert/strict";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { createImage, writeImage } from "../../lib/image/mod.ts";
import {
  assertOneLine,
  catInput,
  type Ended,
  ended,
  Follower,
  inFolder,
  namesIn,
  runTask,
  start,
  taskCommand,
  TINY,
} from "./_command.ts";

const denoise = (...args: string[]) => runTask("denoise", ...args);

const isOneLine = (result: Ended, exitCode: number, line: RegExp) =>
  assertOneLine("denoise", result, exitCode, line);

Deno.test("denoise refuses a wrong command line with exit code 2", async (t) => {
  const NUMBER = /must be a number above 0/, WHOLE = /must be a whole number from/;
  const cases: [args: string[], line: RegExp][] = [
    [[], /missing required argument 'input'/],
    [["cat.png", "dog.png"], /too many arguments/],
    [["cat.png", "--nosie-sigma", "5"], /unknown option '--nosie-sigma'.*--noise-sigma/],
    [["cat.png", "--output"], /argument missing/],
    [["cat.png", "--noise-sigma", "12abc"], NUMBER],
    [["cat.png", "--noise-sigma", "0"], NUMBER],
    [["cat.png", "--noise-sigma", "256"], NUMBER],
    [["cat.png", "--add-noise", "-25"], NUMBER],
    [["cat.png", "--add-noise", "Infinity"], NUMBER],
    [["cat.png", "--learning-rate", "0x1"], NUMBER],
    [["cat.png", "--iterations", "0"], WHOLE],
    [["cat.png", "--iterations", "1.5"], WHOLE],
    [["cat.png", "--seed", "9007199254740992"], WHOLE],
    [["cat.png", "--threads", "1000000"], WHOLE],
    [["cat.png", "--channels", "8,8"], /one whole number from 1 to \d+, or 5 of them/],
    [["cat.png", "--channels", "8,,8,8,8"], /or 5 of them/],
    [["cat.png", "--network", "unet"], /Allowed choices are dip, decoder, conv-net/],
    [["cat.png", "--network", "decoder", "--objective", "r2r"], /--objective r2r needs a network/],
    [["cat.png", "--network", "decoder", "--skip-channels", "4"], /--skip-channels goes with/],
    [["cat.png", "--averaging", "1"], /must be a number from 0 to below 1/],
    [["cat.png", "--stop", "wmv,wmv"], /one or more of budget, blur-sharpness,.* with commas/],
    [["cat.png", "--record", "run.txt"], /must end in \.json/],
    [["cat.png", "--report", "run.json"], /must end in \.html/],
  ];
  for (const [args, line] of cases) {
    await t.step(args.join(" ") || "nothing", async () => {
      isOneLine(await denoise(...args), 2, line);
    });
  }
});

/** A PNG with another size in its header, which comes first and has its checksum at byte 29. */
function claiming(png: Uint8Array, width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(png), view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(29, crc32(bytes.subarray(12, 29)));
  return bytes;
}

Deno.test("denoise refuses an input that is no picture to restore", async (t) => {
  await inFolder(async (folder) => {
    const cat = await Deno.readFile(await catInput(folder));
    await Deno.writeFile(join(folder, "empty.png"), new Uint8Array());
    await Deno.writeTextFile(join(folder, "text.png"), "not a picture\n");
    await Deno.writeFile(join(folder, "short.png"), cat.subarray(0, cat.length / 2));
    await Deno.writeFile(join(folder, "huge.png"), claiming(cat, 50_000, 50_000));
    await writeImage(
      join(folder, "dot.png"),
      createImage({ height: 1, width: 1, channels: 3 }),
    );
    const before = namesIn(folder);
    const cases: [input: string, line: RegExp][] = [
      ["missing.png", /cannot read ".*missing\.png": there is no such file/],
      [".", /cannot read ".*": it is a folder/],
      ["empty.png", /the file is empty/],
      ["text.png", /it is not a PNG, JPEG/],
      ["short.png", /damaged or cut short/],
      ["huge.png", /the picture is 50000x50000; it may have at most 268 million pixels/],
      ["dot.png", /the picture is 1x1; it must be at least 16x16/],
    ];
    for (const [input, line] of cases) {
      await t.step(input, async () => {
        isOneLine(await denoise(join(folder, input), ...TINY, "--noise-sigma", "5"), 1, line);
      });
    }
    assert.deepEqual(namesIn(folder), before);
  });
});

Deno.test("denoise refuses an output it could not write, before the run", async (t) => {
  await inFolder(async (folder) => {
    const input = await catInput(folder);
    const at = (name: string) => join(folder, name);
    await Deno.symlink(input, at("link.png"));
    await writeImage(at("grey.png"), createImage({ height: 48, width: 48, channels: 1 }));
    const before = namesIn(folder);
    const output = (file: string) => ["--output", file];
    const cases: [name: string, args: string[], exitCode: number, line: RegExp][] = [
      ["missing folder", output(at("no/x.png")), 1, /cannot write ".*": there is no such file/],
      ["under a file", output(at("cat.png/x.png")), 1, /a part of its path is not a folder/],
      ["too long a name", output(at(`${"x".repeat(300)}.png`)), 1, /the name is too long/],
      ["no picture format", output(at("x.bmp")), 1, /the extension is \.bmp; use one of/],
      [
        "two formats",
        [...output(at("x.png")), "--format", "gif"],
        2,
        /does not go with the output/,
      ],
      ["a page that is not there", ["--page", "2"], 1, /--page 2: the file has one page/],
      ["the input", output(`${folder}/../${folder.split("/").at(-1)}/cat.png`), 2, /the input/],
      ["a link to the input", output(at("link.png")), 2, /is the same file as the input/],
      [
        "the reference",
        [...output(at("grey.png")), "--reference", at("grey.png")],
        2,
        /is the same file as the reference/,
      ],
      ["record nowhere", ["--record", at("no/run.json")], 1, /cannot write ".*run\.json"/],
      ["another reference", ["--reference", at("grey.png")], 1, /48x48 grey.*48x48 RGB/],
      ["missing reference", ["--reference", at("no.png")], 1, /cannot read ".*no\.png"/],
    ];
    for (const [name, args, exitCode, line] of cases) {
      await t.step(name, async () => {
        const result = await denoise(input, ...TINY, "--noise-sigma", "5", ...args);
        isOneLine(result, exitCode, line);
      });
    }
    assert.deepEqual(namesIn(folder), before);
  });
});

Deno.test("denoise restores a picture that does not fit into memory in tiles, with a note", async () => {
  await inFolder(async (folder) => {
    const input = join(folder, "flat.png");
    await writeImage(input, createImage({ height: 4000, width: 4000, channels: 1 }));
    // At once hundreds of gigabytes.
    const wide = [
      "--objective",
      "r2r",
      "--channels",
      "512,4,4,4,4",
      "--skip-channels",
      "0",
      "--noise-sigma",
      "5",
    ];
    const child = start(taskCommand("denoise", input, ...wide));
    const follower = new Follower(child);
    await follower.until(" pixels shared");
    child.kill("SIGKILL");
    const { stderr } = await follower.end();
    assert.match(
      stderr,
      /^\d+ x \d+ tiles of \d+x\d+, \d+ pixels shared: \d+ times the iterations/m,
    );
    assert.deepEqual(namesIn(folder), ["flat.png"]);
  });
});

Deno.test("with one tile denoise refuses a picture that does not fit, with the possible size", async () => {
  await inFolder(async (folder) => {
    const input = join(folder, "flat.png");
    await writeImage(input, createImage({ height: 4000, width: 4000, channels: 1 }));
    // Hundreds of gigabytes.
    const wide = ["--objective", "r2r", "--channels", "512,4,4,4,4", "--skip-channels", "0"];
    // By itself it would be cut into tiles that fit.
    const whole = ["--tile", "8192"];
    const result = await denoise(input, ...wide, ...whole, "--noise-sigma", "5", "-q");
    isOneLine(result, 1, /4000x4000.* allow [\d.]+ megapixels/);
    assert.deepEqual(namesIn(folder), ["flat.png"]);
  });
});

Deno.test({
  name: "denoise keeps the old file and writes the record when the disk is full",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inFolder(async (folder) => {
      const input = await catInput(folder, 128);
      const output = join(folder, "out.png"), record = join(folder, "run.json");
      await Deno.writeTextFile(output, "old");
      // The limit stands for a full disk; without the trap it would kill the process.
      const limited = ["sh", "-c", 'trap "" XFSZ; ulimit -f 24; exec "$@"', "sh"];
      const result = await ended(start([
        ...limited,
        ...taskCommand("denoise", input, ...TINY, "--add-noise", "90", "--seed", "1", "--quiet"),
        ...["--output", output, "--record", record],
      ], { TMPDIR: folder }));
      isOneLine(
        result,
        1,
        /cannot write ".*out\.png": File too large; .* not be kept in the temporary folder/,
      );
      assert.equal(await Deno.readTextFile(output), "old");
      assert.equal(JSON.parse(await Deno.readTextFile(record)).stop.iteration, 2);
      // The temporary folder is this one: the native runtime leaves nothing there either.
      assert.deepEqual(namesIn(folder), ["cat.png", "out.png", "run.json"]);
    });
  },
});
