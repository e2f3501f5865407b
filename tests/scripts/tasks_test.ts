// The gain of every task in decibels, on small pictures, with the commands' defaults.
import assert from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import {
  addGaussianNoise,
  crop,
  type Image,
  psnr,
  readImage,
  resample,
  writeImage,
} from "../../lib/image/mod.ts";
import { createCommand, parseArguments } from "../../scripts/_command_line.ts";
import { addTaskOptions, libraryOptions, pose, runOf } from "../../scripts/_restoration.ts";
import type { RestorationOptions } from "../../scripts/_restoration_options.ts";
import type { PosedProblem } from "../../scripts/tasks/mod.ts";
import { TASKS } from "../../scripts/tasks/mod.ts";
import { squares } from "../../bench/_pictures.ts";
import { inFolder, ROOT, runTask } from "./_command.ts";

const pictures = await squares(join(ROOT, "data"), 64);
const picture = (name: string): Image => pictures.find((one) => one.name === name)!.clean;

/** Restores a clean picture that the command line degrades first. */
async function restored(line: string, clean: Image): Promise<PosedProblem & { image: Image }> {
  const [name, ...args] = line.split(" ") as [string, ...string[]];
  const task = TASKS.find((task) => task.name === name)!;
  const command = addTaskOptions(createCommand(name, "Restores.", []), task);
  assert.ok(parseArguments(command, args));
  const options = command.opts<RestorationOptions>();
  const posed = await pose(task, { file: "", picture: clean, reference: undefined }, options);
  const run = runOf(posed, libraryOptions(task, options), new AbortController().signal);
  const { image } = await run.result;
  return { ...posed, image };
}

/** Decibels above what the run started with. */
const gain = ({ image, problem, clean }: PosedProblem & { image: Image }): number =>
  psnr(image, clean!) - psnr(problem.initialEstimate, clean!);

Deno.test("inpaint: half of the pixels missing, more than 10 dB above black and 0.5 above smooth filling", async () => {
  const clean = picture("camera");
  const run = await restored("inpaint --remove 50 --iterations 300", clean);
  const { observed, known } = run.problem;
  assert.ok(observed.data.every((value, i) => known!.data[i] === 1 || value === 0), "black");
  assert.ok(psnr(run.image, clean) > psnr(observed, clean) + 10);
  assert.ok(gain(run) > 0.5, `${gain(run)} dB`);
  assert.ok(run.image.data.every((value, i) => known!.data[i] === 0 || value === clean.data[i]));
});

Deno.test("upscale: four times, better than bicubic on structured content", async () => {
  const run = await restored("upscale --factor 4 --shrink --iterations 200", picture("coffee"));
  assert.equal(run.problem.observed.width, 16);
  assert.ok(gain(run) > 0, `${gain(run)} dB`);
});

Deno.test("upscale: noise or blocks of the small picture are removed if they were added", async () => {
  const clean =
    (await squares(join(ROOT, "data"), 128)).find(({ name }) => name === "coffee")!.clean;
  const line = "upscale --factor 2 --shrink --quality fast";
  for (const more of ["--add-noise 12", "--compress 60"]) {
    const [cleaned, asItIs] = [
      await restored(`${line} ${more}`, clean),
      await restored(`${line} ${more} --clean nothing`, clean),
    ];
    assert.ok(psnr(cleaned.image, clean) > psnr(asItIs.image, clean) + 0.3, more);
    assert.deepEqual(cleaned.given, asItIs.problem.initialEstimate);
  }
});

Deno.test("upscale: a picture behind a camera's colour filter is trusted less, and the user is told", async () => {
  const clean = crop(await readImage(join(ROOT, "data/chelsea.png")), 20, 90, 256, 256);
  const line = "upscale --factor 2 --shrink --quality fast --add-noise 800 --noise camera";
  const [trusted, asItIs] = [
    await restored(line, clean),
    await restored(`${line} --clean nothing`, clean),
  ];
  assert.ok(trusted.notes?.some((note) => note.includes("colour filter")), `${trusted.notes}`);
  assert.ok(!asItIs.notes?.some((note) => note.includes("colour filter")));
  assert.ok(psnr(trusted.image, clean) > psnr(asItIs.image, clean) + 0.5);
  assert.ok(gain(trusted) > 0, `${gain(trusted)} dB`);
});

Deno.test("upscale also prints the PSNR of luminance without the border", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "clean.png"), output = join(folder, "out.png");
    await writeImage(file, picture("coffee"));
    const args = ["--factor", "2", "--shrink", "--quality", "fast", "--output", output, "--json"];
    const { stdout, stderr } = await runTask("upscale", file, ...args);
    const { psnrLuminance } = JSON.parse(stdout || stderr);
    const [image, clean] = [await readImage(output), await readImage(file)];
    // By the definition: Y of BT.601, two pixels left out at each side, the peak 255.
    let sum = 0, count = 0;
    for (let y = 2; y < 62; y++) {
      for (let x = 2; x < 62; x++) {
        const at = 3 * (64 * y + x);
        const of = ({ data }: Image) =>
          16 + 65.481 * data[at]! + 128.553 * data[at + 1]! + 24.966 * data[at + 2]!;
        sum += (of(image) - of(clean)) ** 2;
        count++;
      }
    }
    const expected = 10 * Math.log10(255 ** 2 * count / sum);
    // The file is rounded to whole levels.
    assert.ok(
      Math.abs(psnrLuminance.after - expected) < 0.02,
      `${psnrLuminance.after} ${expected}`,
    );
    assert.ok(psnrLuminance.after > psnrLuminance.before);
  });
});

Deno.test("upscale removes the blocks of a JPEG or noise first, and says so", async () => {
  await inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const clean = (await squares(join(ROOT, "data"), 128)).find(({ name }) =>
      name === "coffee"
    )!.clean;
    const small = resample(clean, 64, 64);
    await writeImage(at("clean.png"), clean);
    await writeImage(at("small.png"), small);
    await sharp(at("small.png")).jpeg({ quality: 60 }).toFile(at("small.jpg"));
    await writeImage(at("small.png"), addGaussianNoise(small, 12 / 255, 1));
    const given = ["--factor", "2", "--quality", "fast", "--reference", at("clean.png"), "--json"];
    for (const [name, note] of [["small.jpg", "blocks"], ["small.png", "noise"]] as const) {
      const run = async (...more: string[]) => {
        const { code, stdout, stderr } = await runTask("upscale", at(name), ...given, ...more);
        assert.equal(code, 0, stderr);
        return { stderr, psnr: JSON.parse(stdout).psnr as { before: number; after: number } };
      };
      const cleaned = await run("--output", at("cleaned.png"));
      const asItIs = await run("--clean", "nothing", "--output", at("as-it-is.png"));
      assert.match(cleaned.stderr, new RegExp(`${note}.* removed first`));
      assert.doesNotMatch(asItIs.stderr, /removed/);
      assert.ok(cleaned.psnr.after > asItIs.psnr.after + 0.3, name);
      // Both are compared with the enlarged file.
      assert.ok(Math.abs(cleaned.psnr.before - asItIs.psnr.before) < 1e-6, name);
      assert.ok(cleaned.psnr.after > cleaned.psnr.before, name);
    }
    const refused = async (...args: string[]) => {
      const { code, stderr } = await runTask("upscale", at("small.png"), ...args);
      assert.notEqual(code, 0);
      return stderr;
    };
    assert.match(await refused("--clean", "blocks"), /no JPEG in grey or YCbCr/);
    assert.match(await refused("--compress", "50"), /need --shrink/);
    assert.match(await refused("--shrink", "--noise", "camera"), /--noise needs --add-noise/);
    assert.match(
      await refused("--shrink", "--add-noise", "800"),
      /at most 255 for --noise gaussian/,
    );
  });
});

Deno.test("deblock: more than 0.5 dB above the JPEG", async () => {
  const run = await restored("deblock --compress 10 --iterations 300", picture("coffee"));
  assert.ok(gain(run) > 0.5, `${gain(run)} dB`);
});

Deno.test("deblur: more than 0.5 dB above what was blurred", async () => {
  const line = "deblur --gaussian 1.6 --blur --add-noise 2 --iterations 200";
  const run = await restored(line, picture("astronaut"));
  assert.ok(gain(run) > 0.5, `${gain(run)} dB`);
});

Deno.test("enhance: detail is stronger, brightness as it was", async () => {
  const clean = picture("astronaut");
  const { image } = await restored("enhance --channels 8 --iterations 60", clean);
  const detail = ({ data }: Image) => {
    let sum = 0;
    for (let i = 3; i < data.length; i++) sum += Math.abs(data[i]! - data[i - 3]!);
    return sum;
  };
  const mean = ({ data }: Image) => data.reduce((a, b) => a + b, 0) / data.length;
  assert.ok(detail(image) > 1.2 * detail(clean));
  assert.ok(Math.abs(mean(image) - mean(clean)) < 0.05);
});

Deno.test("an interrupted run is resumed from its checkpoint to the same bytes, and then deletes it", async () => {
  await inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const line = [
      ...[
        join(ROOT, "data/chelsea.png"),
        "--remove",
        "50",
        "--channels",
        "4",
        "--skip-channels",
        "2",
      ],
      ...["--iterations", "12", "--threads", "1", "--quiet", "--tile", "256"],
    ];
    const whole = await runTask("inpaint", ...line, "--output", at("whole.png"));
    assert.equal(whole.code, 0, whole.stderr);

    const kept = [...line, "--output", at("out.png"), "--checkpoint", at("state"), "--every", "5"];
    const child = new Deno.Command(Deno.execPath(), {
      args: ["task", "inpaint", ...kept],
      cwd: ROOT,
      env: { INIT_CWD: ROOT, NO_COLOR: "1" },
      stdout: "null",
      stderr: "null",
    }).spawn();
    // The second tile has begun when it has a checkpoint.
    while (!await Deno.stat(at("state.2")).catch(() => undefined)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGINT");
    assert.equal((await child.status).code, 130);

    const resumed = await runTask("inpaint", ...kept, "--resume");
    assert.equal(resumed.code, 0, resumed.stderr);
    const [a, b] = await Promise.all(["whole.png", "out.png"].map((name) => readImage(at(name))));
    assert.deepEqual(b, a);
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(left, ["out.png", "whole.png"]);
  });
});

Deno.test("checkpoint options that do not go together are refused in one line", async () => {
  for (const option of [["--resume"], ["--every", "3"]]) {
    const { code, stderr } = await runTask("denoise", "any.png", ...option);
    assert.equal(code, 2);
    assert.match(stderr, /^denoise: --(resume|every) needs --checkpoint[^\n]*\n$/);
  }
});
