// deno task measure: bands, resolution and the error decomposition.
import assert from "node:assert/strict";
import { join } from "node:path";
import { JSDOM } from "jsdom";
import { addGaussianNoise, createImage, type Image, writeImage } from "../../lib/image/mod.ts";
import { assertOneLine, catsFace, inFolder, namesIn, runTask } from "./_command.ts";

const measure = (...args: string[]) => runTask("measure", ...args);

/** Runs measure and reads the JSON that it prints. */
async function measured(...args: string[]) {
  const { code, stdout, stderr } = await measure(...args, "--json");
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}

const near = (actual: number, expected: number, tolerance: number, what = "") =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what} ${actual} is not ${expected}`);

/** Noise over the range, of even levels of 0 to 255, so that its half is exact too. */
const even: Image = {
  height: 24,
  width: 40,
  channels: 1,
  data: Float32Array.from({ length: 24 * 40 }, (_, i) => 2 * ((i * i * 7 + 3 * i) % 127) / 255),
};

/** Writes pictures and gives their paths. */
async function written(folder: string, pictures: Record<string, Image>) {
  const paths = Object.keys(pictures).map((name) => join(folder, `${name}.png`));
  for (const [i, picture] of Object.values(pictures).entries()) {
    await writeImage(paths[i]!, picture);
  }
  return paths as [string, string, string];
}

Deno.test("measure finds all of a picture in itself", async () => {
  await inFolder(async (folder) => {
    const [cat] = await written(folder, { cat: await catsFace(40) });
    const { rings, channels, ratio, blurriness, sharpness } = await measured(cat, cat);
    assert.deepEqual(rings, { mode: "paper", radii: [0.2, 0.4, 0.6, 0.8, 1] });
    assert.equal(channels.length, 1);
    const { correspondence, gain, coherence, resolution, bandwidth } = channels[0];
    for (const values of [correspondence, gain, coherence]) {
      assert.equal(values.length, 5);
      // The correspondence divides by |B| + 1e-8.
      for (const value of values) near(value, 1, 1e-6);
    }
    assert.deepEqual(resolution, { halfBit: null, oneSeventh: null });
    assert.equal(bandwidth.output, bandwidth.target);
    assert.equal(ratio, blurriness / sharpness);

    const { stdout, stderr } = await measure(cat, cat);
    assert.equal(stderr, "");
    const lines = stdout.split("\n");
    assert.match(lines[1]!, /^band +of half the width +H +gain +coherence$/);
    assert.match(lines[6]!, /^5 +0\.800-1\.000 +1\.000 +1\.000 +1\.000$/);
    assert.match(stdout, /below the half-bit curve nowhere, below 1\/7 nowhere\n/);
  });
});

Deno.test("measure finds half of each band in half the picture, with all its coherence", async () => {
  await inFolder(async (folder) => {
    const half = { ...even, data: even.data.map((value) => value / 2) };
    const [output, target] = await written(folder, { half, even });
    const { rings, channels: [{ correspondence, gain, coherence }] } = await measured(
      ...[output, target, "--rings", "isotropic", "--bands", "4"],
    );
    assert.equal(rings.mode, "isotropic");
    assert.deepEqual(rings.radii, [0.125, 0.25, 0.375, 0.5]);
    for (const value of correspondence) near(value, 0.5, 1e-5, "H");
    for (const value of gain) near(value, 0.5, 1e-5, "gain");
    for (const value of coherence) near(value, 1, 1e-5, "coherence");
  });
});

Deno.test("measure measures each channel, whatever the window", async () => {
  await inFolder(async (folder) => {
    const cat = await catsFace(32);
    // The green channel is halved, all else is the same.
    const data = cat.data.map((value, i) => Math.round(255 * value) / 255 / (i % 3 === 1 ? 2 : 1));
    const [output, target] = await written(folder, {
      output: { ...cat, data, bitDepth: 16 },
      target: cat,
    });
    for (const window of ["none", "hann", "tukey"]) {
      const { channels } = await measured(
        ...[output, target, "--channels", "each", "--window", window],
      );
      assert.deepEqual(channels.map(({ name }: { name: string }) => name), [
        "red",
        "green",
        "blue",
      ]);
      const gains = channels.map(({ gain }: { gain: number[] }) => gain);
      for (const [c, expected] of [1, 0.5, 1].entries()) {
        // 16 bits round a sample by up to 2^-17.
        for (const value of gains[c]) near(value, expected, 1e-3, `${window} ${c}`);
      }
    }
  });
});

Deno.test("measure's account of the error adds up to the mean squared error", async () => {
  await inFolder(async (folder) => {
    const clean = await catsFace(32);
    const noisy = addGaussianNoise(clean, 0.1, 1);
    // A picture that kept part of the noise and lost some contrast.
    const output = {
      ...clean,
      data: clean.data.map((value, i) => 0.1 + 0.8 * (0.7 * value + 0.3 * noisy.data[i]!)),
    };
    const quantised = ({ data }: Image) =>
      data.map((value) => Math.round(255 * Math.min(Math.max(value, 0), 1)) / 255);
    const [a, b] = [quantised(output), quantised(clean)];
    const mse = a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length;

    const [restored, target, reference] = await written(folder, { output, noisy, clean });
    const { psnr, account } = await measured(restored, target, "--reference", reference);
    near(psnr, -10 * Math.log10(mse), 1e-3, "PSNR");
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    near(sum(account.total), mse, 1e-6 * mse, "MSE");
    const { signal, noise, cross, remainder } = account;
    for (const [ring, total] of account.total.entries()) {
      const parts = signal[ring] + noise[ring] + cross[ring] + remainder[ring];
      near(parts, total, 1e-9 * mse, `band ${ring}`);
    }
    const { stdout } = await measure(restored, target, "--reference", reference);
    const all = stdout.trimEnd().split("\n").at(-1)!;
    assert.match(all, /^all /);
    assert.equal(all.split(/ +/).at(-1), (mse * 1e6).toFixed(2));
    assert.ok(stdout.includes(`PSNR ${(-10 * Math.log10(mse)).toFixed(2)} dB`), stdout);
  });
});

Deno.test("measure writes a page with the numbers that it prints", async () => {
  await inFolder(async (folder) => {
    const clean = await catsFace(32), noisy = addGaussianNoise(clean, 0.1, 1);
    const output = addGaussianNoise(clean, 0.03, 2);
    const [restored, target, reference] = await written(folder, { output, noisy, clean });
    const report = join(folder, "measured.html");
    const args = [restored, target, "--reference", reference, "--bands", "3", "--report", report];
    const { channels: [{ correspondence }], psnr } = await measured(...args);
    const { document } = new JSDOM(await Deno.readTextFile(report)).window;
    assert.equal(document.querySelector("h1").textContent, "output.png");
    const cells = [...document.querySelectorAll("tbody tr")].map(({ children }) =>
      children[2].textContent
    );
    assert.deepEqual(cells, correspondence.map((value: number) => value.toFixed(3)));
    const numbers = document.querySelector(".numbers").textContent;
    assert.ok(numbers.includes(`${psnr.toFixed(2)} dB`), numbers);
    const charts = [...document.querySelectorAll(".chart")].map(({ id }) => id);
    assert.deepEqual(charts, ["bands", "correlation", "power", "spectra", "account"]);
    assert.deepEqual(namesIn(folder), ["clean.png", "measured.html", "noisy.png", "output.png"]);
  });
});

Deno.test("measure reports bands without coefficients, and flat pictures", async () => {
  await inFolder(async (folder) => {
    const flat = createImage({ height: 16, width: 16, channels: 1 });
    const [path] = await written(folder, { flat });
    const { code, stdout } = await measure(path, path, "--bands", "100");
    assert.equal(code, 0);
    assert.match(stdout, /\n2 +0\.010-0\.020 +- +- +-\n/);
    assert.match(stdout, /\nblurriness -, sharpness 0\.00000, ratio -\n/);
    assert.doesNotMatch(stdout, /NaN/);
    const { blurriness, channels } = await measured(path, path, "--bands", "100");
    assert.equal(blurriness, null);
    assert.equal(channels[0].correspondence[1], null);
  });
});

Deno.test("measure refuses what it cannot measure in one line", async (t) => {
  await inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const grey = createImage({ height: 32, width: 32, channels: 1 });
    await written(folder, { cat: await catsFace(32), wide: await catsFace(48), grey });
    await Deno.writeTextFile(at("text.png"), "not a picture\n");
    const before = namesIn(folder);
    const cases: [args: string[], exitCode: number, line: RegExp][] = [
      [[], 2, /missing required argument 'output'/],
      [["cat.png", "--bands", "7"], 2, /--bands needs a second picture/],
      [["cat.png", "cat.png", "cat.png"], 2, /too many arguments/],
      [["cat.png", "cat.png", "--bands", "0"], 2, /a whole number from 1 to 1000/],
      [["cat.png", "cat.png", "--rings", "square"], 2, /Allowed choices are paper, isotropic/],
      [["cat.png", "cat.png", "--window", "box"], 2, /Allowed choices are none, tukey, hann/],
      [["cat.png", "cat.png", "--report", "a.txt"], 2, /--report ".*a\.txt" must end in \.html/],
      [["cat.png", "cat.png", "--report", "no/a.html"], 1, /no\/a\.html/],
      [["cat.png", "wide.png"], 1, /the target is 48x48 RGB, but the output is 32x32 RGB/],
      [["cat.png", "grey.png"], 1, /the target is 32x32 grey, but the output is 32x32 RGB/],
      [["cat.png", "cat.png", "--reference", "wide.png"], 1, /the reference is 48x48 RGB/],
      [["cat.png", "no.png"], 1, /cannot read ".*no\.png": there is no such file/],
      [["text.png", "cat.png"], 1, /it is not a PNG, JPEG/],
      [[".", "cat.png"], 1, /it is a folder/],
    ];
    for (const [args, exitCode, line] of cases) {
      await t.step(args.join(" "), async () => {
        const paths = args.map((arg) => /\./.test(arg) ? at(arg) : arg);
        assertOneLine("measure", await measure(...paths), exitCode, line);
      });
    }
    assert.deepEqual(namesIn(folder), before);
  });
});

Deno.test("measure of a picture alone tells its noise, and the detail that is not lost in it", async () => {
  await inFolder(async (folder) => {
    const noisy = addGaussianNoise(await catsFace(96), 25 / 255, 1);
    const [file] = await written(folder, { noisy });
    const { noise, resolution } = await measured(file);
    near(255 * Math.sqrt(noise.variance[0][0]), 25, 3, "level");
    assert.ok(resolution.halfBit > 0.05 && resolution.halfBit < 0.5);
    const { stdout } = await measure(file);
    assert.match(stdout, /^noise: about 2\d of 255, independent from pixel to pixel\n/);
    assert.match(stdout, /falls below the half-bit curve at 0\.\d+ cycles\/pixel/);
    for (const option of [["--report", join(folder, "page.html")], ["--reference", file]]) {
      assertOneLine("measure", await measure(file, ...option), 2, /needs a second picture/);
    }
  });
});
