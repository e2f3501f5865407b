// deno task denoise: noise that is estimated, given and measured.
import assert from "node:assert/strict";
import { join } from "node:path";
import { addLuminanceNoise } from "../../lib/degradation/mod.ts";
import { createImage, readImage, writeImage } from "../../lib/image/mod.ts";
import { noiseToJson, whiteNoise } from "../../lib/noise/mod.ts";
import { square } from "../noise/_kinds.ts";
import { inFolder, runTask } from "./_command.ts";

const denoise = (...args: string[]) => runTask("denoise", ...args);

/** Writes a picture with noise of brightness, and names its file. */
async function noisyPicture(folder: string): Promise<string> {
  const file = join(folder, "noisy.png");
  await writeImage(file, addLuminanceNoise(await square("coffee", 0.5, 0.5), 15 / 255, 1));
  return file;
}

Deno.test("denoise describes the noise and notes that the initial estimate is the result", async () => {
  await inFolder(async (folder) => {
    const input = await noisyPicture(folder), record = join(folder, "run.json");
    const { code, stdout, stderr } = await denoise(input, "-q", "--record", record);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\nnoise: about 1\d of 255.*, mostly in brightness; estimated\n/);
    assert.match(stdout, /\nit is not white: the result is the estimate with this noise model/);
    const { settings } = JSON.parse(await Deno.readTextFile(record));
    assert.equal(settings.noise.channels, 3);

    // What a record says of the noise can be given to another run.
    const model = join(folder, "model.json"), again = join(folder, "again.png");
    await Deno.writeTextFile(model, JSON.stringify(settings.noise));
    const given = await denoise(input, "-q", "--noise-model", model, "--output", again);
    assert.equal(given.code, 0, given.stderr);
    assert.match(given.stdout, /; given\n/);
    const first = await readImage(join(folder, "noisy-denoised.png"));
    assert.deepEqual((await readImage(again)).data, first.data);
  });
});

Deno.test("denoise --noise-from measures a part of the picture", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "wall.png");
    const data = new Float32Array(96 * 96 * 3).fill(0.5);
    const wall = createImage({ height: 96, width: 96, channels: 3, data });
    await writeImage(file, addLuminanceNoise(wall, 15 / 255, 1));
    const { code, stdout, stderr } = await denoise(file, "-q", "--noise-from", "0,0,64,64");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\nnoise: about 15 of 255, .*mostly in brightness; given\n/);
  });
});

Deno.test("denoise returns a picture without noise unchanged, with a note", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "smooth.png"), output = join(folder, "out.png");
    const data = Float32Array.from({ length: 64 * 64 }, (_, i) => (64 + i % 64) / 255);
    await writeImage(file, createImage({ height: 64, width: 64, channels: 1, data }));
    const { code, stdout, stderr } = await denoise(file, "-q", "--output", output);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /none to speak of, the picture is as it was/);
    assert.deepEqual((await readImage(output)).data, (await readImage(file)).data);
  });
});

Deno.test("denoise refuses an impossible noise in one line", async () => {
  await inFolder(async (folder) => {
    const input = await noisyPicture(folder);
    const file = async (name: string, text: string) => {
      await Deno.writeTextFile(join(folder, name), text);
      return join(folder, name);
    };
    const grey = await file("grey.json", noiseToJson(whiteNoise(0.1, 1)));
    const broken = await file("broken.json", "{");
    const empty = await file("empty.json", "{}");
    const cases: [string[], number, RegExp][] = [
      [["--noise-model", grey], 1, /the noise model has 1 channels, the picture 3/],
      [["--noise-model", broken], 1, /broken\.json: a noise model must be JSON/],
      [["--noise-model", empty], 1, /empty\.json: a noise model's "channels" must be/],
      [["--noise-model", join(folder, "none.json")], 1, /cannot read ".*none\.json"/],
      [["--noise-from", "0,0,8,8"], 1, /--noise-from must be at least 16x16/],
      [["--noise-from", "0,0,8"], 2, /x,y,width,height/],
      [["--noise-from", "0,0,32,32", "--noise-sigma", "5"], 2, /do not go together/],
      [["--add-noise", "3200"], 2, /--add-noise is at most 255 for --noise gaussian/],
    ];
    for (const [args, expected, message] of cases) {
      const { code, stderr } = await denoise(input, "-q", ...args);
      assert.equal(code, expected, `${args}: ${stderr}`);
      assert.match(stderr, message);
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
    }
  });
});

for (
  const [noise, level] of [["camera", "3200"], ["jpeg", "15"], ["grain", "15"], ["luma", "15"]]
) {
  Deno.test(`denoise --noise ${noise} adds it and removes it`, async () => {
    await inFolder(async (folder) => {
      const file = join(folder, "clean.png");
      await writeImage(file, await square("coffee", 0.5, 0.5));
      const args = ["--noise", noise!, "--add-noise", level!, "-q", "--json"];
      const { code, stdout, stderr } = await denoise(file, ...args);
      assert.equal(code, 0, stderr);
      const { psnr, iterations } = JSON.parse(stdout);
      assert.equal(iterations, 0);
      assert.ok(psnr.after > psnr.before + 1, `${psnr.before} ${psnr.after}`);
    });
  });
}
