// deno task batch: its table, its folder, its report, and continuing after failures and interrupts.
import assert from "node:assert/strict";
import { join } from "node:path";
import { JSDOM } from "jsdom";
import { createImage, crop, psnr, readImage, writeImage } from "../../lib/image/mod.ts";
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
import { batch, bytesOf, NOISY, photosIn } from "./_batch.ts";

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

    await t.step("the table has a row for each", async () => {
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

    await t.step("each is equal to the result of its own command", async () => {
      const alone = join(folder, "alone.png");
      const { code } = await runTask("denoise", join(photos, "b.png"), ...NOISY, "--output", alone);
      assert.equal(code, 0);
      assert.deepEqual(Deno.readFileSync(at("b.png")), Deno.readFileSync(alone));
    });

    await t.step("an equivalent command line repeats nothing", async () => {
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

    await t.step("only what has changed is repeated", async () => {
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

Deno.test("batch continues after a picture that fails, and retries it", async () => {
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

Deno.test("batch with two jobs gives the same bytes as with one", async () => {
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
