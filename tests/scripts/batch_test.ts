// deno task batch: its table, its folders, and going on where it was interrupted.
import assert from "node:assert/strict";
import { join } from "node:path";
import { JSDOM } from "jsdom";
import {
  createImage,
  crop,
  encodePng,
  type Image,
  psnr,
  readImage,
  writeImage,
} from "../../lib/image/mod.ts";
import { startJobsProgress } from "../../scripts/jobs/mod.ts";
import {
  assertOneLine,
  catsFace,
  type Ended,
  Follower,
  inFolder,
  namesIn,
  rowsOf,
  runTask,
  start,
  started,
  taskCommand,
  TINY,
} from "./_command.ts";

const NOISY = [...TINY, "--add-noise", "25"];
const batch = (...args: string[]) => runTask("batch", ...args);

/** Writes small pictures, each another part of the cat's face, and gives their folder. */
async function photosIn(folder: string, ...names: string[]): Promise<string> {
  const photos = join(folder, "photos"), face = await catsFace(64);
  await Deno.mkdir(photos, { recursive: true });
  for (const [i, name] of names.entries()) {
    await writeImage(join(photos, name), crop(face, 8 * i, 4 * i, 32, 32));
  }
  return photos;
}

/** The bytes of files, by name. */
const bytesOf = (folder: string, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, Deno.readFileSync(join(folder, name))]));

Deno.test("batch restores the pictures of a folder in order and keeps their records", async (t) => {
  await inFolder(async (folder) => {
    const photos = await photosIn(folder, "b.png", "a.jpg", "c.jpg", "a.png");
    const output = join(folder, "photos-denoised"), at = (name: string) => join(output, name);
    // A JPEG by a name that is never written; what is no picture, is hidden or lies deeper is passed over.
    await Deno.rename(join(photos, "c.jpg"), join(photos, "c.jfif"));
    await Deno.writeTextFile(join(photos, "notes.txt"), "no picture\n");
    await Deno.writeTextFile(join(photos, "._b.png"), "no picture\n");
    await photosIn(photos, "deeper.png");
    const inputs = ["a.jpg", "a.png", "b.png", "c.jfif"];
    const outputs = ["a.jpg", "a.png", "b.png", "c.jfif"];
    const kept = outputs.flatMap((name) => [name, `${name}.json`]);

    await t.step("the table tells of all of them", async () => {
      const first = await batch(`${photos}/`, ...NOISY);
      assert.equal(first.code, 0, first.stderr);
      assert.deepEqual(started(first), inputs);
      assert.deepEqual(namesIn(output), [...kept, "batch.json"].sort());
      const rows = rowsOf(first.stdout);
      assert.deepEqual(rows.map(({ picture }) => picture), inputs);
      for (const [i, row] of rows.entries()) {
        // Of a file without loss: what is written is rounded to 8 bits.
        const clean = join(photos, inputs[i]!), alone = join(folder, "lossless.png");
        assert.equal((await runTask("denoise", clean, ...NOISY, "--output", alone)).code, 0);
        const lossless = await readImage(alone);
        const [, after] = row["PSNR"]!.split(" -> ").map(Number);
        const measured = psnr(lossless, await readImage(clean));
        assert.ok(Math.abs(after! - measured) < 0.1, `${row["PSNR"]} ${measured}`);
        const written = psnr(await readImage(at(outputs[i]!)), lossless);
        assert.ok(written > 35, `${outputs[i]}: ${written}`);
        assert.match(row["SSIM"]!, /^-?0\.\d{3} -> -?0\.\d{3}$/);
        assert.deepEqual([row["size"], row["iterations"], row["ended"]], [
          "32x32",
          "2",
          "iterations",
        ]);
      }
    });

    await t.step("each is what its own command makes", async () => {
      const alone = join(folder, "alone.png");
      const { code } = await runTask("denoise", join(photos, "b.png"), ...NOISY, "--output", alone);
      assert.equal(code, 0);
      assert.deepEqual(Deno.readFileSync(at("b.png")), Deno.readFileSync(alone));
    });

    await t.step("the same command in other words makes nothing again", async () => {
      const before = bytesOf(output, kept);
      const again = await batch("--add-noise=25", "--json", "--threads=1", ...TINY, "--", photos);
      assert.deepEqual([again.code, again.stderr], [
        0,
        "left out, no pictures: notes.txt and photos (a folder)\n4 of 4 were done before\n",
      ]);
      const [one] = JSON.parse(again.stdout);
      assert.deepEqual(Object.keys(one), [
        ...[
          "picture",
          "width",
          "height",
          "output",
          "record",
          "seconds",
          "iterations",
          "tiles",
          "best",
        ],
        ...["stopReason", "rule", "rules", "guide", "divergences", "psnr", "ssim"],
        ...["psnrLuminance", "isUnchanged"],
        ...["noiseSigma", "noise"],
        "skipped",
      ]);
      assert.deepEqual(
        [one.picture, one.output, one.record, one.skipped],
        [join(photos, "a.jpg"), at("a.jpg"), at("a.jpg.json"), true],
      );
      assert.deepEqual(bytesOf(output, kept), before);
    });

    await t.step("what has changed is made again, and nothing else", async () => {
      const before = bytesOf(output, kept);
      await writeImage(join(photos, "a.jpg"), crop(await catsFace(64), 30, 30, 32, 32));
      await Deno.remove(at("a.png"));
      await Deno.writeFile(at("b.png.json"), before["b.png.json"]!.subarray(0, 100));
      const again = await batch(photos, ...NOISY);
      assert.equal(again.code, 0, again.stderr);
      assert.match(
        again.stderr,
        /^left out, no pictures: notes\.txt and photos \(a folder\)\n1 of 4 were done before\n/,
      );
      assert.deepEqual(started(again), ["a.jpg", "a.png", "b.png"]);
      const now = bytesOf(output, kept);
      assert.notDeepEqual(now["a.jpg"], before["a.jpg"]);
      for (const name of outputs.slice(1)) assert.deepEqual(now[name], before[name], name);
      assert.deepEqual(now["c.jfif.json"], before["c.jfif.json"]);
    });

    await t.step("other settings are refused", async () => {
      const before = bytesOf(output, [...kept, "batch.json"]);
      const others = [[...NOISY, "--seed", "1"], TINY, [...TINY, "--task", "upscale"]];
      for (const args of others) {
        assertOneLine(
          "batch",
          await batch(photos, ...args, "--output", output),
          1,
          /photos-denoised" holds pictures of other settings; choose another --output/,
        );
      }
      assert.deepEqual(bytesOf(output, [...kept, "batch.json"]), before);
    });
  });
});

Deno.test("batch goes on after a picture that fails, and tries it again", async () => {
  await inFolder(async (folder) => {
    const photos = await photosIn(folder, "a.png", "b.png", "c.png");
    const damaged = join(photos, "b.png"), whole = await Deno.readFile(damaged);
    await Deno.writeFile(damaged, whole.subarray(0, whole.length / 2));
    // No noise is found in it: it is done, and stays as it was.
    await writeImage(join(photos, "d.png"), createImage({ height: 32, width: 32, channels: 1 }));
    const r2r = [...TINY, "--objective", "r2r"];
    const first = await batch(photos, ...r2r, "-q");
    assert.equal(first.code, 1);
    const [broken, ...more] = first.stderr.trimEnd().split("\n");
    assert.match(broken!, /^batch: b\.png: cannot read ".*b\.png": the picture is damaged/);
    assert.deepEqual(more, []);
    const lines = first.stdout.trimEnd().split("\n");
    assert.equal(lines.at(-1), broken!.replace("batch: ", ""));
    assert.deepEqual(
      rowsOf(lines.slice(0, -1).join("\n")).map(({ picture, ended }) => [picture, ended]),
      [["a.png", "iterations"], ["b.png", "failed"], ["c.png", "iterations"], [
        "d.png",
        "iterations",
      ]],
    );
    const done = ["a", "c", "d"].flatMap((name) => [`${name}.png`, `${name}.png.json`]);
    assert.deepEqual(namesIn(join(folder, "photos-denoised")), [...done, "batch.json"].sort());
    const { data } = await readImage(join(folder, "photos-denoised", "d.png"));
    assert.ok(data.every((value) => value === 0));

    await Deno.writeFile(damaged, whole);
    const second = await batch(photos, ...r2r, "--json");
    assert.equal(second.code, 0);
    assert.deepEqual(started(second), ["b.png"]);
    const all = JSON.parse(second.stdout);
    const skipped = all.map((one: { skipped?: boolean }) => one.skipped);
    assert.deepEqual(skipped, [true, false, true, true]);
  });
});

Deno.test("batch with two jobs makes the same bytes as with one", async () => {
  await inFolder(async (folder) => {
    const names = ["a.png", "b.png", "c.png", "d.png", "e.png"];
    const photos = await photosIn(folder, ...names);
    await Deno.writeTextFile(join(photos, "d.png"), "not a picture\n");
    const [one, two] = [join(folder, "one"), join(folder, "two")];
    const args = [photos, ...NOISY, "--network", "dip", "--threads", "1", "--output"];
    const inTurn = await batch(...args, one), atOnce = await batch(...args, two, "--jobs", "2");
    assert.deepEqual([inTurn.code, atOnce.code], [1, 1], inTurn.stderr + atOnce.stderr);
    const done = names.filter((name) => name !== "d.png");
    assert.deepEqual(bytesOf(one, done), bytesOf(two, done));
    assert.deepEqual(namesIn(one), namesIn(two));
    const table = ({ stdout }: Ended) =>
      rowsOf(stdout).map(({ seconds: _, ...numbers }) => numbers);
    assert.deepEqual(table(inTurn), table(atOnce));
    // A line each, in the order in which they were finished.
    const lines = atOnce.stderr.trimEnd().split("\n"),
      said = lines.filter((line) => !/^batch/.test(line));
    assert.equal(lines.length, 5, atOnce.stderr);
    for (const [i, line] of said.entries()) {
      assert.match(
        line,
        new RegExp(
          `^${i + 1} of 5 done: [a-e]\\.png, PSNR \\d+\\.\\d\\d -> \\d+\\.\\d\\d dB, \\d:\\d\\d` +
            "(?:, \\d:\\d\\d left)?$",
        ),
      );
    }
    assert.deepEqual(said.map((line) => /[a-e]\.png/.exec(line)![0]).sort(), done);
  });
});

for (const [signal, exitCode, jobs] of [["SIGINT", 130, 1], ["SIGTERM", 143, 2]] as const) {
  Deno.test({
    name: `batch with --jobs ${jobs} keeps what is done at ${signal}, and the same command goes on`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await inFolder(async (folder) => {
        const names = ["a.png", "b.png", "c.png"], output = join(folder, "photos-denoised");
        const photos = await photosIn(folder, ...names);
        // The others are larger, so that they take longer.
        const face = await catsFace(128);
        for (const name of names.slice(1)) await writeImage(join(photos, name), face);
        const args = [photos, "--channels", "8", "--iterations", "60", "--jobs", `${jobs}`];
        const run = new Follower(start(taskCommand("batch", ...args, "--noise-sigma", "9")));
        await run.until(jobs === 1 ? "2 of 3: b.png" : "1 of 3 done: a.png");
        run.child.kill(signal);
        const first = await run.end();
        assert.equal(first.code, exitCode, first.stderr);
        assert.match(first.stderr, /\nstopping; Ctrl-C again quits at once\n/);
        assert.match(first.stderr, /\nbatch: 1 of 3 done; the same command goes on\n$/);
        assert.deepEqual(rowsOf(first.stdout).map(({ picture }) => picture), ["a.png"]);
        assert.deepEqual(namesIn(output), ["a.png", "a.png.json", "batch.json"]);
        const before = bytesOf(output, ["a.png", "a.png.json"]);

        const second = await batch(...args, "--noise-sigma", "9");
        assert.equal(second.code, 0, second.stderr);
        assert.match(second.stderr, /^1 of 3 were done before\n/);
        assert.deepEqual(rowsOf(second.stdout).map(({ picture }) => picture), names);
        assert.deepEqual(bytesOf(output, ["a.png", "a.png.json"]), before);
      });
    },
  });
}

Deno.test("batch takes files that go with each picture from folders", async (t) => {
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

    await t.step("another mask or reference makes only its picture again", async () => {
      mask.data.fill(0, 300, 320);
      await writeImage(join(masks, "b.png"), mask);
      await Deno.copyFile(join(masks, "b.png"), join(masks, "c.png"));
      await Deno.copyFile(join(photos, "c.png"), join(clean, "c.png"));
      const again = await batch(...args, "--reference", clean);
      assert.equal(again.code, 0, again.stderr);
      assert.deepEqual(started(again), ["b.png", "c.png"]);
    });

    await t.step("which of several is not guessed; one file is for all", async () => {
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

Deno.test("startJobsProgress() shows several jobs in one live line on a terminal", () => {
  const written: string[] = [];
  const sink = { isTerminal: true, columns: () => 80, write: (text: string) => written.push(text) };
  const clock = { milliseconds: 0 };
  const shown = { atOnce: true, total: 4, done: 1, quiet: false };
  const progress = startJobsProgress(shown, sink, () => clock.milliseconds);
  const [b, c] = [progress.begin(1, "b.png"), progress.begin(2, "c.png")];
  clock.milliseconds = 4000;
  b.step({ iteration: 1, loss: 0.5 }, 40);
  c.step({ iteration: 15, loss: 0.5 }, 60);
  c.step({ iteration: 30, loss: 0.5 }, 60);
  b.end();
  clock.milliseconds = 6000;
  progress.end("b.png", "0:07");
  progress.aside("2 workers");
  // It will be begun again: its half does not count any more.
  progress.end("c.png");
  c.step({ iteration: 15, loss: 0.5 }, 60);
  progress.end("c.png", "");
  const texts = written.map((text) => text.replace(/ +$/, ""));
  assert.deepEqual(texts, [
    "\r1 of 4 done  b.png 1/40",
    "\r1 of 4 done  b.png 1/40  c.png 15/60",
    // 0.525 of 3 jobs in 4 s.
    "\r1 of 4 done  0:19 left  b.png 1/40  c.png 30/60",
    "\r",
    "\r",
    // 1.5 of 3 jobs in 6 s.
    "\r2 of 4 done: b.png, 0:07, 0:06 left",
    "\n",
    "\r2 of 4 done  0:06 left  2 workers  c.png 30/60",
    "\r",
    "\r",
    "\r2 of 4 done  0:08 left  2 workers  c.png 15/60",
    "\r",
    "\r",
  ]);
});

Deno.test("startJobsProgress() says with each job in turn how long all of them will take", () => {
  const written: string[] = [];
  const sink = {
    isTerminal: false,
    columns: () => 80,
    write: (text: string) => written.push(text),
  };
  const clock = { milliseconds: 0 };
  const shown = { atOnce: false, total: 5, done: 2, quiet: false };
  const progress = startJobsProgress(shown, sink, () => clock.milliseconds);
  for (const [place, name] of ["a", "b", "c"].entries()) {
    progress.begin(place + 2, name);
    clock.milliseconds += 10_000;
    progress.end(name, "done");
  }
  assert.deepEqual(written, ["3 of 5: a\n", "4 of 5: b (0:20 left)\n", "5 of 5: c (0:10 left)\n"]);
});

Deno.test("batch --report writes a page with every picture that is done", async () => {
  await inFolder(async (folder) => {
    const photos = await photosIn(folder, "a.png", "b.png");
    await Deno.writeTextFile(join(photos, "c.png"), "no picture\n");
    const report = join(folder, "batch.html");
    const { code, stderr } = await batch(photos, ...NOISY, "--report", report);
    assert.equal(code, 1, stderr);
    const { window: { document } } = new JSDOM(await Deno.readTextFile(report));
    const headings = [...document.querySelectorAll("section > h2")].map((h) => h.textContent);
    // The last says by which command the report is made again.
    assert.deepEqual(headings, ["a.png", "b.png", "Again"]);
    assert.equal(document.querySelectorAll(".comparison").length, 2);
  });
});
