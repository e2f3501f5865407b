// deno task compare: its table, its folder, and continuing after an interrupt.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DENOISING_BASELINES } from "../../lib/baseline/mod.ts";
import { createImage, psnr, readImage, writeImage } from "../../lib/image/mod.ts";
import { JSDOM } from "jsdom";
import {
  assertOneLine,
  catInput,
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
} from "./_command.ts";

const SHORT = ["--network", "decoder", "--channels", "4", "--iterations", "2"];
const compare = (...args: string[]) => runTask("compare", ...args);

const readJson = async (path: string) => JSON.parse(await Deno.readTextFile(path));

Deno.test("compare runs each combination once and keeps its record and picture", async (t) => {
  await inFolder(async (folder) => {
    const input = await catInput(folder, 32), study = join(folder, "cat-compare");
    const varied = ["--vary", "lipschitz=1,none", "--vary", "norm=batch"];
    const args = [input, ...varied, ...SHORT, "--add-noise", "25"];
    const first = await compare(...args);
    assert.equal(first.code, 0, first.stderr);
    assert.deepEqual(started(first), ["lipschitz=1 norm=batch", "lipschitz=none norm=batch"]);
    const files = ["lipschitz=1_norm=batch", "lipschitz=none_norm=batch"];
    assert.deepEqual(
      namesIn(study),
      [...files.flatMap((name) => [`${name}.json`, `${name}.png`]), "study.json"],
    );

    await t.step("the table agrees with the pictures and records", async () => {
      const rows = rowsOf(first.stdout);
      assert.deepEqual(rows.map(({ lipschitz }) => lipschitz), ["1", "none"]);
      for (const [i, row] of rows.entries()) {
        const { record } = await readJson(join(study, `${files[i]}.json`));
        const { settings: { network }, series, stop } = record;
        assert.deepEqual([network.lipschitz, network.norm], [i === 0 ? 1 : 0, "batch"]);
        const picture = await readImage(join(study, `${files[i]}.png`));
        const measured = psnr(picture, await readImage(input));
        assert.ok(Math.abs(Number(row["PSNR"]) - measured) < 0.02, `${row["PSNR"]} ${measured}`);
        assert.equal(row["misfit"], series.misfit[stop.best - 1].toFixed(5));
        assert.equal(row["H lowest"], series.bands[0][stop.best - 1].toFixed(3));
        assert.equal(row["H highest"], series.bands[4][stop.best - 1].toFixed(3));
        const highest = Math.max(...series.averagePsnr);
        assert.equal(row["peak"], highest.toFixed(2));
        assert.equal(row["at"], `${series.averagePsnr.indexOf(highest) + 1}`);
        assert.deepEqual([row["picture"], row["of"], row["ended"]], ["2", "2", "iterations"]);
      }
    });

    await t.step("the same study by an equivalent command line runs nothing again", async () => {
      const again = await compare("--add-noise=25", ...SHORT, ...varied, "--json", "--", input);
      assert.deepEqual([again.code, again.stderr], [0, ""]);
      const [one, other] = JSON.parse(again.stdout);
      assert.deepEqual(one.settings, { lipschitz: "1", norm: "batch" });
      assert.deepEqual(
        [other.output, other.record],
        [`${files[1]}.png`, `${files[1]}.json`].map((name) => join(study, name)),
      );
      const { settings: _, output: __, record: ___, ...numbers } = one;
      assert.deepEqual(Object.keys(numbers), [
        ...["psnr", "ssim", "peak", "peakIteration", "misfit", "lowestBand", "highestBand"],
        ...["iterations", "best", "ended", "seconds"],
      ]);
    });

    await t.step("a further value runs only that, and a truncated record is repeated", async () => {
      const [whole] = rowsOf(first.stdout);
      const path = join(study, `${files[0]}.json`), text = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, text.slice(0, text.length / 2));
      const more = ["--vary", "lipschitz=1,2,none", "--vary", "norm=batch"];
      const result = await compare(input, ...more, ...SHORT, "--add-noise", "25");
      assert.equal(result.code, 0, result.stderr);
      assert.deepEqual(started(result), ["lipschitz=1 norm=batch", "lipschitz=2 norm=batch"]);
      const { seconds: _, ...again } = rowsOf(result.stdout)[0]!;
      const { seconds: __, ...before } = whole!;
      // One seed, one result.
      assert.deepEqual(again, before);
    });

    await t.step("a report of existing runs repeats none", async () => {
      const report = join(folder, "study.html");
      const again = await compare(...args, "--report", report);
      assert.deepEqual([again.code, again.stderr], [0, ""]);
      const { document } = new JSDOM(await Deno.readTextFile(report)).window;
      const text = (selector: string) =>
        [...document.querySelectorAll(selector)].map(({ textContent }) => textContent);
      assert.deepEqual(text("h2"), ["Study", "Again"]);
      assert.match(text("pre")[0], /^deno task compare \S+ .*--vary lipschitz=1,none /);
      const [header, ...lines] = again.stdout.trimEnd().split("\n").map((line) =>
        line.trim().split(/ {2,}/)
      );
      const table = document.querySelector("table");
      const rows = [...table.querySelectorAll("tr")].map(({ children }) =>
        [...children].map(({ textContent }) => textContent)
      );
      assert.deepEqual(rows, [header, ...lines]);
      const curves = JSON.parse(document.querySelector("#curves + script").textContent);
      for (const [i, { y }] of curves.data.entries()) {
        const { record } = await readJson(join(study, `${files[i]}.json`));
        assert.deepEqual(y, record.series.averagePsnr);
      }
      // The picture before, the clean one, and each run's own with its PSNR.
      const captions = text(".gallery figcaption");
      assert.match(captions[0], /^before\d+\.\d\d dB$/);
      assert.equal(captions[1], "reference");
      assert.equal(captions.length, 2 + rowsOf(again.stdout).length);
      for (const [i] of rowsOf(again.stdout).entries()) {
        const picture = await readImage(join(study, `${files[i]}.png`));
        const value = psnr(picture, await readImage(input)).toFixed(2);
        assert.ok(captions[2 + i].endsWith(`${value} dB`), captions[2 + i]);
      }
    });

    await t.step("another study is refused", async () => {
      const other = join(folder, "other.png"), before = namesIn(study);
      await writeImage(other, createImage({ height: 32, width: 32, channels: 3 }));
      const foreign = [
        [input, ...varied, ...SHORT, "--add-noise", "15"],
        [input, ...varied, ...SHORT, "--add-noise", "25", "--averaging", "0"],
        [input, ...varied, ...SHORT, "--add-noise", "25", "--reference", other],
        [other, ...varied, ...SHORT, "--add-noise", "25"],
      ];
      for (const args of foreign) {
        assertOneLine(
          "compare",
          await compare(...args, "--output", study),
          1,
          /holds a study of another picture or other settings; choose another --output/,
        );
      }
      assert.deepEqual(namesIn(study), before);
    });
  });
});

Deno.test("compare shows mean and deviation over seeds", async () => {
  await inFolder(async (folder) => {
    const input = await catInput(folder, 32), output = ["--output", join(folder, "a", "b")];
    const args = [input, ...SHORT, "--vary", "noise=25", "--seeds", "3", "-q", ...output];
    const { code, stdout, stderr } = await compare(...args);
    assert.deepEqual([code, stderr], [0, ""]);
    const cases = JSON.parse((await compare(...args, "--json")).stdout);
    assert.deepEqual(
      cases.map(({ settings }: { settings: unknown }) => settings),
      ["0", "1", "2"].map((seed) => ({ "add-noise": "25", seed })),
    );
    const [row, ...more] = rowsOf(stdout);
    assert.deepEqual([more.length, row!["add-noise"], row!["runs"]], [0, "25", "3"]);
    for (
      const [column, key, digits] of [["PSNR", "psnr", 2], ["H lowest", "lowestBand", 3]] as const
    ) {
      const [a, b, c] = cases.map((one: Record<string, number>) => one[key]);
      const mean = (a + b + c) / 3;
      const deviation = Math.sqrt(((a - mean) ** 2 + (b - mean) ** 2 + (c - mean) ** 2) / 2);
      assert.ok(deviation > 0);
      assert.equal(row![column], `${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`);
    }
    // What does not differ has no deviation.
    assert.equal(row!["of"], "2");
  });
});

Deno.test("compare accepts lists within values, and selects gaussian upsampling for a sigma", async () => {
  await inFolder(async (folder) => {
    const input = await catInput(folder, 32), study = join(folder, "study");
    const list = "0.3:0.3:0.3:0.5:0.5";
    for (
      const [more, kernelSum] of [[[], "paper"], [["--upsampling=gaussian-unit"], "unit"]] as const
    ) {
      const { code, stdout, stderr } = await compare(
        ...[
          input,
          ...SHORT,
          "--vary",
          `sigma=${list},1`,
          "--output",
          `${study}-${kernelSum}`,
          ...more,
        ],
      );
      assert.equal(code, 0, stderr);
      const expected = ["0.3,0.3,0.3,0.5,0.5", "1"];
      assert.deepEqual(rowsOf(stdout).map((row) => row["gaussian-sigma"]), expected);
      const one = await readJson(join(`${study}-${kernelSum}`, "gaussian-sigma=1.json"));
      assert.deepEqual(one.record.settings.network.upsampling, {
        kind: "gaussian",
        sigma: 1,
        kernelSum,
      });
      // Without a reference there is no PSNR.
      assert.deepEqual(Object.keys(rowsOf(stdout)[0]!).slice(1, 3), ["misfit", "H lowest"]);
    }
  });
});

Deno.test("compare continues after a case that fails, and retries it", async () => {
  await inFolder(async (folder) => {
    const input = join(folder, "black.png"), mask = join(folder, "mask.png");
    const black = createImage({ height: 32, width: 32, channels: 1 });
    await writeImage(input, black);
    // The one pixel that is known cannot be held out.
    await writeImage(mask, { ...black, data: black.data.map((_, i) => i === 99 ? 1 : 0) });
    const tiny = ["--channels", "4", "--iterations", "2", "--input", "random"];
    const painting = [input, "--task", "inpaint", "--mask", mask, "--objective", "mse"];
    const args = [...painting, ...tiny, "--vary", "stop=held-out,budget"];
    const first = await compare(...args, "-q");
    assertFailed(first);
    assert.deepEqual(rowsOf(first.stdout).map(({ ended }) => ended), ["error", "iterations"]);
    assert.deepEqual(namesIn(join(folder, "black-compare")), [
      "stop=budget.json",
      "stop=budget.png",
      "study.json",
    ]);
    const second = await compare(...args, "--json");
    assert.deepEqual(started(second), ["stop=held-out"]);
    const [failed, done] = JSON.parse(second.stdout);
    assert.deepEqual(Object.keys(failed), ["settings", "error"]);
    assert.match(failed.error, /one pixel alone is known/);
    assert.equal(done.ended, "iterations");
    assert.equal(second.code, 1);
  });

  function assertFailed({ code, stderr }: Ended) {
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^compare: stop=held-out: --stop has held-out[^\n]*, but one pixel alone is known\n$/,
    );
  }
});

Deno.test({
  name: "compare interrupted keeps the cases that are done, and the same command goes on",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inFolder(async (folder) => {
      const input = await catInput(folder, 32), study = join(folder, "cat-compare");
      const lipschitz = ["1", "2", "none"];
      const args = [input, ...SHORT.slice(0, -1), "40", "--vary", `lipschitz=${lipschitz}`];
      const run = new Follower(start(taskCommand("compare", ...args)));
      await run.until("2 of 3: lipschitz=2");
      run.child.kill("SIGINT");
      const first = await run.end();
      assert.equal(first.code, 130, first.stderr);
      assert.match(first.stderr, /\nstopping; Ctrl-C again quits at once\n/);
      assert.match(first.stderr, /\ncompare: 1 of 3 done; the same command goes on\n$/);
      assert.deepEqual(rowsOf(first.stdout).map((row) => row["lipschitz"]), ["1"]);
      assert.deepEqual(namesIn(study), ["lipschitz=1.json", "lipschitz=1.png", "study.json"]);
      const record = await Deno.readTextFile(join(study, "lipschitz=1.json"));

      const second = await compare(...args);
      assert.equal(second.code, 0, second.stderr);
      assert.deepEqual(started(second), ["lipschitz=2", "lipschitz=none"]);
      assert.deepEqual(rowsOf(second.stdout).map((row) => row["lipschitz"]), lipschitz);
      assert.equal(await Deno.readTextFile(join(study, "lipschitz=1.json")), record);
    });
  },
});

Deno.test("compare refuses what it cannot do in one line, before any run", async (t) => {
  await inFolder(async (folder) => {
    await catInput(folder, 32);
    const at = (name: string) => join(folder, name);
    await writeImage(at("wide.png"), await catsFace(48));
    await Deno.writeTextFile(at("text.png"), "not a picture\n");
    await Deno.mkdir(at("taken/lipschitz=1.json"), { recursive: true });
    const before = namesIn(folder);
    const LIPSCHITZ = ["--vary", "lipschitz=1"];
    const FORM = /must be like lipschitz=1,1\.4,none/;
    const cases: [args: string[], exitCode: number, line: RegExp][] = [
      [["--reference", "cat.png", ...LIPSCHITZ], 2, /missing required argument 'input'/],
      [["cat.png"], 2, /nothing to compare: say --vary setting=values/],
      [["cat.png", "--vary", "lipschitz"], 2, FORM],
      [["cat.png", "--vary", "lipschitz=1,,2"], 2, FORM],
      [["cat.png", "--vary", "lipschitz=1,1"], 2, /has a value twice/],
      [["cat.png", ...LIPSCHITZ, ...LIPSCHITZ], 2, /--vary has lipschitz twice/],
      [["cat.png", "--vary", "colour=red"], 2, /--vary colour: there is no such setting/],
      [["cat.png", "--vary", "json=1"], 2, /--vary json: there is no such setting/],
      [["cat.png", "--vary", "lipschitz=1,-1"], 2, /argument '-1' is invalid/],
      [["cat.png", ...LIPSCHITZ, "--lipschitz", "2"], 2, /cannot be both given and varied/],
      [["cat.png", "--vary", "seed=1", "--seeds", "2"], 2, /--seeds and --vary seed/],
      [["cat.png", ...LIPSCHITZ, "--network", "deep-decoder"], 2, /not deep-decoder/],
      [["no.png", ...LIPSCHITZ], 1, /cannot read ".*no\.png": there is no such file/],
      [["text.png", ...LIPSCHITZ], 1, /it is not a PNG, JPEG/],
      [["cat.png", ...LIPSCHITZ, "--reference", "wide.png"], 1, /the reference is 48x48 RGB/],
      [["cat.png", ...LIPSCHITZ, "--output", "text.png"], 1, /cannot make the folder/],
      [["cat.png", ...LIPSCHITZ, "--output", "text.png/x"], 1, /cannot make the folder/],
      [["cat.png", "--vary", "lipschitz=2,1", "--output", "taken"], 1, /it is a folder/],
    ];
    for (const [args, exitCode, line] of cases) {
      await t.step(args.join(" "), async () => {
        const paths = args.map((arg) => /\.png|^taken$/.test(arg) ? at(arg) : arg);
        assertOneLine("compare", await compare(...paths), exitCode, line);
      });
    }
    assert.deepEqual(namesIn(folder), before);
  });
});

Deno.test("compare --baselines lists the simple methods, each with its picture", async () => {
  await inFolder(async (folder) => {
    const input = await catInput(folder, 64), study = join(folder, "cat-compare");
    const args = [input, "--task", "upscale", "--factor", "2", "--shrink", ...SHORT];
    const { code, stdout, stderr } = await compare(...args, "--baselines");
    assert.equal(code, 0, stderr);
    const rows = rowsOf(stdout);
    assert.deepEqual(rows.map(({ network, ended }) => [network, ended]), [
      ["bicubic", "baseline"],
      ["lanczos3", "baseline"],
      ["decoder", "iterations"],
    ]);
    for (const row of rows.slice(0, 2)) {
      const picture = await readImage(join(study, `baseline=${row["network"]}.png`));
      const measured = psnr(picture, await readImage(input));
      assert.ok(Math.abs(Number(row["PSNR"]) - measured) < 0.02, `${row["PSNR"]} ${measured}`);
    }
  });
});

Deno.test("compare --baselines denoises by each of them", async () => {
  await inFolder(async (folder) => {
    const input = await catInput(folder, 32);
    const args = [input, "--add-noise", "25", ...SHORT, "--baselines", "--vary", "lipschitz=1"];
    const { code, stdout, stderr } = await compare(...args);
    assert.equal(code, 0, stderr);
    const rows = rowsOf(stdout);
    assert.deepEqual(rows.map(({ lipschitz }) => lipschitz), [
      "as it is",
      ...DENOISING_BASELINES.map(({ name }) => name),
      "1",
    ]);
    const [noisy, ...others] = rows.map(({ PSNR }) => Number(PSNR));
    // The network comes last; before it ZS-N2N, which a picture this small teaches little.
    assert.ok(others.slice(0, -2).every((value) => value > noisy! + 2), others.join());
  });
});

Deno.test("baselines are of one picture", async () => {
  await inFolder(async (folder) => {
    const input = await catInput(folder, 32);
    const ended = await compare(input, "--baselines", "--vary", "noise=15,25");
    assertOneLine("compare", ended, 2, /--baselines are of one picture: --vary add-noise/);
  });
});
