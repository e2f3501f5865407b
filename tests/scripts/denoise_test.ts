// deno task denoise: its files and output in normal use.
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  addGaussianNoise,
  crop,
  type Image,
  openPicture,
  psnr,
  readImage,
  writeImage,
  writePages,
} from "../../lib/image/mod.ts";
import { addStripeNoise } from "../../lib/degradation/mod.ts";
import { random } from "../../lib/random/mod.ts";
import project from "../../deno.json" with { type: "json" };
import {
  catInput,
  catsFace,
  ended,
  inFolder,
  namesIn,
  ROOT,
  runTask,
  start,
  taskCommand,
  TINY,
} from "./_command.ts";

const denoise = (...args: string[]) => runTask("denoise", ...args);

const PROGRESS =
  /^(initial estimate( {2}PSNR -?[\d.]+ dB)?\n)?( *\d+\/\d+ {2}loss -?[\d.e-]+( {2}PSNR -?[\d.]+ dB)?( {2}[\d:]+ left)?\n)+$/;

Deno.test("denoise removes noise, writes the picture and the record, and describes the result", async () => {
  await inFolder(async (folder) => {
    const input = await catInput(folder, 64);
    const output = join(folder, "out.png"), record = join(folder, "run.json");
    const { code, stdout, stderr } = await denoise(
      ...[input, "--add-noise", "25", "--output", output, "--record", record],
      ...["--channels", "8", "--iterations", "120"],
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, PROGRESS);
    assert.equal(stderr.trim().split("\n").length, 11);
    assert.match(stderr, /^initial estimate {2}PSNR/);
    const [wrote, time, guide, noise, gain, similarity, ...more] = stdout.trimEnd().split("\n");
    assert.equal(wrote, `wrote ${output} and ${record}`);
    assert.match(time!, /^120 iterations in \d+:\d\d, as many as asked for$/);
    assert.match(guide!, /^initial estimate after \d+:\d\d, refined from \d+ draws$/);
    assert.equal(noise, "noise 25.0 of 255, given");
    const [before, after] = gain!.match(/[\d.]+/g)!.map(Number) as [number, number];
    assert.ok(after > before + 1, gain!);
    assert.match(similarity!, /^SSIM 0\.\d{3} -> 0\.\d{3}$/);
    assert.deepEqual(more, []);
    // What is printed is true of the file.
    assert.ok(Math.abs(psnr(await readImage(output), await catsFace(64)) - after) < 0.05);

    const written = JSON.parse(await Deno.readTextFile(record));
    assert.equal(written.settings.noiseSigma.value, 25 / 255);
    assert.equal(written.series.loss.length, 120);
    assert.deepEqual(written.stop, {
      reason: "iterations",
      iteration: 120,
      best: 120,
      rule: "budget",
    });
    assert.deepEqual(namesIn(folder), ["cat.png", "out.png", "run.json"]);
  });
});

for (const [how, ...named] of [["detects"], ["is told", "--noise", "salt-and-pepper"]]) {
  Deno.test(`denoise ${how} salt and pepper and fills them as holes`, async () => {
    await inFolder(async (folder) => {
      const clean = await catsFace(64), input = join(folder, "cat.png");
      const { uniform } = random(2);
      const data = clean.data.map((value) => uniform() < 0.1 ? Math.round(uniform()) : value);
      await writeImage(input, { ...clean, data });
      const output = join(folder, "out.png");
      const { code, stderr } = await denoise(
        ...[input, ...named, "--quality", "fast", "--output", output],
      );
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^\d+\.\d % of the samples are impulses/m);
      // A network with a robust loss comes to 29.8 dB on larger pictures.
      const gained = psnr(await readImage(output), clean) - psnr(await readImage(input), clean);
      assert.ok(gained > 12, `${gained}`);
    });
  });
}

Deno.test("denoise --objective mse leaves impulses to the network", async () => {
  await inFolder(async (folder) => {
    const input = join(folder, "cat.png"), record = join(folder, "run.json");
    await writeImage(input, await catsFace(48));
    const output = join(folder, "out.png");
    const { code, stderr } = await denoise(
      ...[input, "--noise", "salt-and-pepper", "--add-noise", "10", "--objective", "mse"],
      ...["--iterations", "2", "--channels", "4", "--output", output, "--record", record],
    );
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /impulses/);
    assert.equal(JSON.parse(await Deno.readTextFile(record)).degradation.noise, "impulse");
  });
});

Deno.test("denoise detects stripes and removes them", async () => {
  await inFolder(async (folder) => {
    const whole = await readImage(join(ROOT, "data/camera.png"));
    const clean = crop(whole, 100, 100, 128, 128), input = join(folder, "scan.png");
    await writeImage(input, addStripeNoise(clean, 12 / 255, 1));
    const output = join(folder, "out.png");
    const { code, stderr } = await denoise(input, "--quality", "fast", "--output", output);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^stripes of \d+\.\d of 255 along the columns are taken out first$/m);
    const gained = psnr(await readImage(output), clean) - psnr(await readImage(input), clean);
    assert.ok(gained > 10, `${gained}`);
  });
});

Deno.test("denoise reports a run without iterations, with white and with coloured noise", async () => {
  await inFolder(async (folder) => {
    const output = join(folder, "out.png"), report = join(folder, "run.html");
    const input = join(folder, "cat.png");
    await writeImage(input, await catsFace(128));
    for (const noise of [["--add-noise", "25"], ["--noise", "camera", "--add-noise", "6400"]]) {
      const args = ["--quality", "fast", "--output", output, "--report", report];
      const { code, stderr } = await denoise(input, ...args, ...noise);
      assert.equal(code, 0, stderr);
      const html = await Deno.readTextFile(report);
      assert.ok(html.includes("PSNR"));
      const isModelled = noise[0] === "--noise";
      assert.equal(html.includes('id="noise-level"'), isModelled);
      assert.equal(html.includes('id="noise-spectrum"'), isModelled);
    }
  });
});

Deno.test("denoise keeps a page that is too small, with a note, and restores the others", async () => {
  await inFolder(async (folder) => {
    const input = join(folder, "scan.tif"), output = join(folder, "out.tif");
    const face = addGaussianNoise(await catsFace(48), 25 / 255, 1), small = crop(face, 0, 0, 8, 8);
    await writePages(input, [face, small, face].map((image) => ({ image })));
    const { code, stdout, stderr } = await denoise(input, ...TINY, "--output", output);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^page 2 is left as it was: the picture is 8x8; it must be at least 16x16$/m,
    );
    assert.match(stdout, /^page 1: .*\npage 3: /m);
    const file = await openPicture(output), widths: number[] = [];
    for (let page = 0; page < file.pages; page++) widths.push((await file.page(page)).image.width);
    assert.deepEqual(widths, [48, 8, 48]);
  });
});

Deno.test("denoise keeps the result of filling impulses", async () => {
  await inFolder(async (folder) => {
    const whole = await readImage(join(ROOT, "data/chelsea.png"));
    const clean = crop(whole, 20, 80, 128, 128), input = join(folder, "cat.png");
    const { uniform } = random(3);
    const isLost = clean.data.map(() => uniform() < 0.02 ? 1 : 0);
    const data = clean.data.map((value, i) => isLost[i] ? Math.round(uniform()) : value);
    await writeImage(input, { ...clean, data });
    const output = join(folder, "out.png");
    const { code, stderr } = await denoise(input, "--quality", "fast", "--output", output);
    assert.equal(code, 0, stderr);
    const restored = await readImage(output), noisy = await readImage(input);
    let kept = 0, changed = 0;
    restored.data.forEach((value, i) => {
      const pixel = 3 * Math.floor(i / 3);
      if (isLost.slice(pixel, pixel + 3).some((one) => one === 1)) return;
      if (value === noisy.data[i]) kept++;
      else changed++;
    });
    // A few dark or light ones are taken for impulses.
    assert.ok(changed < kept / 500, `${changed} of ${kept}`);
  });
});

Deno.test("denoise --json prints one object, and one seed gives the same bytes twice", async () => {
  await inFolder(async (folder) => {
    const input = await catInput(folder);
    const files = ["a.png", "b.png"].map((name) => join(folder, name));
    for (const output of files) {
      const { code, stdout, stderr } = await denoise(
        ...[input, ...TINY, "--noise-sigma", "10", "--output", output, "--json", "--quiet"],
        ...["--seed", "7"],
      );
      assert.equal(code, 0, stderr);
      assert.equal(stderr, "");
      const { seconds, guide, ...rest } = JSON.parse(stdout);
      assert.ok(seconds > guide.seconds && guide.seconds > 0 && guide.draws > 0);
      assert.deepEqual(rest, {
        output,
        record: null,
        report: null,
        iterations: 2,
        tiles: 1,
        best: 2,
        stopReason: "iterations",
        rule: "budget",
        rules: [{ name: "budget", stop: 2, best: 2 }],
        divergences: 0,
        psnr: null,
        ssim: null,
        psnrLuminance: null,
        isUnchanged: false,
        noiseSigma: { value: 10, from: "given" },
        noise: null,
      });
      assert.equal(stdout.trimEnd().includes("\n"), false);
    }
    const [a, b] = await Promise.all(files.map((file) => Deno.readFile(file)));
    assert.deepEqual(a, b);
    // A network alone shows its seed; of a guided run the estimate may be all of the result.
    const [c, d] = await Promise.all(["7", "8"].map(async (seed) => {
      const output = join(folder, `seed-${seed}.png`);
      const alone = ["--objective", "r2r", "--noise-sigma", "10", "--seed", seed];
      const { code, stderr } = await denoise(input, ...TINY, ...alone, "-o", output, "-q");
      assert.equal(code, 0, stderr);
      return await Deno.readFile(output);
    }));
    assert.notDeepEqual(c, d);
  });
});

Deno.test("denoise keeps depth, alpha, grey and odd sizes", async () => {
  await inFolder(async (folder) => {
    const pixels = 37 * 53;
    const clean: Image = {
      height: 37,
      width: 53,
      channels: 1,
      data: Float32Array.from({ length: pixels }, (_, i) => (i % 53) / 53),
      alpha: Float32Array.from({ length: pixels }, (_, i) => (i * 257 % 65536) / 65535),
      bitDepth: 16,
    };
    const input = join(folder, "grey.tif");
    await writeImage(input, clean);
    const { code, stdout, stderr } = await denoise(input, ...TINY, "--noise-sigma", "5", "-q");
    assert.equal(code, 0, stderr);
    // The default output is beside the input.
    const output = join(folder, "grey-denoised.tif");
    assert.ok(stdout.startsWith(`wrote ${output}\n`), stdout);
    const { data, ...restored } = await readImage(output);
    const { data: _, ...kept } = await readImage(input);
    assert.deepEqual(restored, kept);
    assert.equal(data.length, pixels);
  });
});

Deno.test("denoise estimates the noise if no level is given", async () => {
  await inFolder(async (folder) => {
    const input = join(folder, "noisy.png");
    await writeImage(input, addGaussianNoise(await catsFace(96), 20 / 255, 3));
    const { code, stdout, stderr } = await denoise(input, ...TINY, "--json", "-q");
    assert.equal(code, 0, stderr);
    const { noiseSigma } = JSON.parse(stdout);
    assert.equal(noiseSigma.from, "estimated");
    // How exactly is the estimator's own test's business.
    assert.ok(Math.abs(noiseSigma.value - 20) < 8, `${noiseSigma.value}`);
  });
});

for (const network of ["decoder", "deep-decoder"]) {
  Deno.test(`denoise --network ${network} needs no noise level`, async () => {
    await inFolder(async (folder) => {
      const input = await catInput(folder, 19);
      const { code, stdout, stderr } = await denoise(
        ...[input, "--network", network, "--channels", "4,4,4,4,4", "--iterations", "2", "--json"],
        ...["--reference", input, "--output", join(folder, "out.jpg"), "--learning-rate", "1e-3"],
      );
      assert.equal(code, 0, stderr);
      assert.match(stderr, PROGRESS);
      const { noiseSigma, psnr, ssim } = JSON.parse(stdout);
      assert.equal(noiseSigma, null);
      // The input is the reference: the PSNR before is infinite, which JSON cannot say.
      assert.equal(psnr.before, null);
      assert.equal(ssim.before, 1);
      assert.deepEqual(namesIn(folder), ["cat.png", "out.jpg"]);
    });
  });
}

Deno.test("denoise takes paths relative to the folder where the task was called", async () => {
  await inFolder(async (folder) => {
    await catInput(folder);
    const { code, stdout, stderr } = await ended(
      start(taskCommand("denoise", "cat.png", ...TINY, "--noise-sigma", "5", "-q"), {
        USERS_FOLDER: folder,
      }),
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^wrote cat-denoised\.png\n/);
    assert.deepEqual(namesIn(folder), ["cat-denoised.png", "cat.png"]);
  });
});

Deno.test("denoise --help and --version go to standard output", async () => {
  const help = await denoise("--help");
  assert.deepEqual([help.code, help.stderr], [0, ""]);
  for (const option of ["--noise-sigma", "--add-noise", "--output", "--record", "255"]) {
    assert.ok(help.stdout.includes(option), option);
  }
  assert.match(help.stdout, /Examples:\n.*\n +deno task denoise photo\.jpg/);
  const version = await denoise("--version");
  assert.deepEqual([version.code, version.stdout, version.stderr], [0, `${project.version}\n`, ""]);
});
