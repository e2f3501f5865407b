// Every restoring command with usual and unusual pictures: odd sizes, grey, colour, alpha, 16 bits.
import assert from "node:assert/strict";
import { extname, join } from "node:path";
import { createImage, type Image, readImage, writeImage, writePages } from "../../lib/image/mod.ts";
import { parseArguments } from "../../scripts/_command_line.ts";
import { readPictures } from "../../scripts/_pictures.ts";
import { commandOf, libraryOptions, pose, runOf } from "../../scripts/_restoration.ts";
import type { RestorationOptions } from "../../scripts/_restoration_options.ts";
import { type RestorationTask, TASKS } from "../../scripts/tasks/mod.ts";
import { picture } from "../image/_fixtures.ts";
import { inFolder, namesIn, runTask, TINY } from "./_command.ts";

/** Smaller than `TINY`, for any network. */
const LEAST = ["--channels", "4", "--iterations", "2", "--threads", "1"];

/** The formats that can be written, and what each holds. */
const FORMATS: Record<string, { bitDepth: 8 | 16; alpha: boolean; isLossless: boolean }> = {
  ".png": { bitDepth: 16, alpha: true, isLossless: true },
  ".tif": { bitDepth: 16, alpha: true, isLossless: true },
  ".webp": { bitDepth: 8, alpha: true, isLossless: true },
  ".avif": { bitDepth: 16, alpha: true, isLossless: false },
  ".jpg": { bitDepth: 8, alpha: false, isLossless: false },
};

const PICTURES = {
  "17x31 in grey": picture(17, 31, 1),
  "16x16 in colour, 16 bits": picture(16, 16, 3, { bitDepth: 16 }),
  "33x49 in colour with alpha": picture(33, 49, 3, { alpha: true }),
  "31x17 in grey with alpha, 16 bits": picture(31, 17, 1, { alpha: true, bitDepth: 16 }),
};

/** What each command needs to be told, and by how much it enlarges. */
const TOLD: Record<string, { args: string[]; enlarges?: number }> = {
  denoise: { args: ["--noise-sigma", "10"] },
  inpaint: { args: ["--remove", "40"] },
  upscale: { args: ["--factor", "3"], enlarges: 3 },
  deblock: { args: ["--jpeg-quality", "20"] },
  deblur: { args: ["--motion", "5,30"] },
  enhance: { args: [] },
};

/** Runs a task as its command does, in this process. */
async function restored(task: RestorationTask, file: string, ...args: string[]): Promise<Image> {
  const command = commandOf(task);
  const least = args.includes("plug-and-play") ? [] : LEAST;
  assert.ok(parseArguments(command, [file, ...least, ...args]));
  const options = command.opts<RestorationOptions>();
  const settings = libraryOptions(task, options);
  const posed = await pose(task, await readPictures(file, options.reference), options);
  return (await runOf(posed, settings, new AbortController().signal).result).image;
}

/** Asserts what must be true of a result, whatever was restored. */
function assertLike(image: Image, input: Image, factor = 1): void {
  createImage(image);
  const { height, width, channels, bitDepth = 8, alpha, data } = image;
  assert.deepEqual([height, width], [input.height * factor, input.width * factor]);
  assert.deepEqual([channels, bitDepth], [input.channels, input.bitDepth]);
  assert.ok(data.every(Number.isFinite), "all samples are finite");
  assert.equal(alpha === undefined, input.alpha === undefined, "alpha is there if it was");
}

/** The largest difference. */
const apart = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

/** Asserts that a result goes into every format and comes out as far as the format holds it. */
async function assertWritable(image: Image, folder: string): Promise<void> {
  for (const [extension, holds] of Object.entries(FORMATS)) {
    const file = join(folder, `out${extension}`);
    await writeImage(file, image);
    const read = await readImage(file), bitDepth = Math.min(holds.bitDepth, image.bitDepth ?? 8);
    assert.deepEqual(
      [read.height, read.width, read.channels, read.bitDepth, read.alpha !== undefined],
      [image.height, image.width, image.channels, bitDepth, holds.alpha && !!image.alpha],
      extension,
    );
    assert.ok(read.data.every((value) => value >= 0 && value <= 1), extension);
    if (!holds.isLossless) continue;
    const clipped = image.data.map((value) => Math.min(Math.max(value, 0), 1));
    const half = 0.5001 / (2 ** bitDepth - 1);
    assert.ok(apart(read.data, clipped) <= half, `${extension}: to the nearest level`);
    if (image.alpha) assert.ok(apart(read.alpha!, image.alpha) <= half, `${extension}: its alpha`);
  }
}

for (const task of TASKS) {
  for (const [name, input] of Object.entries(PICTURES)) {
    Deno.test(`${task.name} takes a picture of ${name} and gives one of its kind`, async () => {
      await inFolder(async (folder) => {
        const file = join(folder, "in.png"), { args, enlarges = 1 } = TOLD[task.name]!;
        await writeImage(file, input);
        const image = await restored(task, file, ...args);
        assertLike(image, input, enlarges);
        // What is not restored is carried along; what is enlarged is enlarged with the picture.
        if (input.alpha && enlarges === 1) assert.deepEqual(image.alpha, input.alpha);
        await assertWritable(image, folder);
      });
    });
  }
}

Deno.test("upscale enlarges alpha with the picture: what is opaque or clear stays so", async () => {
  await inFolder(async (folder) => {
    const input = picture(20, 24, 3);
    input.alpha = Float32Array.from({ length: 480 }, (_, i) => i % 24 < 12 ? 0 : 1);
    const file = join(folder, "in.png");
    await writeImage(file, input);
    const upscale = TASKS.find(({ name }) => name === "upscale")!;
    const { alpha } = await restored(upscale, file, "--factor", "2");
    alpha!.forEach((value, i) => {
      const x = i % 48;
      // Bicubic interpolation reaches two small pixels to each side of the edge at 24.
      if (x < 20) assert.ok(Math.abs(value) < 1e-6, `${value} at ${x}`);
      if (x >= 28) assert.ok(Math.abs(value - 1) < 1e-6, `${value} at ${x}`);
    });
  });
});

Deno.test("upscale does not mix the colours of transparent pixels into visible ones", async () => {
  await inFolder(async (folder) => {
    // A red disc on transparent green.
    const alpha = Float32Array.from(
      { length: 24 ** 2 },
      (_, i) => Math.hypot(Math.floor(i / 24) - 11.5, i % 24 - 11.5) < 8 ? 1 : 0,
    );
    const data = Float32Array.from(
      { length: 3 * alpha.length },
      (_, i) => (alpha[Math.floor(i / 3)] === 1 ? [0.8, 0.2, 0.2] : [0, 1, 0])[i % 3]!,
    );
    const file = join(folder, "sprite.png"), size = { height: 24, width: 24 };
    await writeImage(file, createImage({ ...size, channels: 3, data, alpha }));
    const upscale = TASKS.find(({ name }) => name === "upscale")!;
    const image = await restored(upscale, file, "--factor", "2", "--objective", "plug-and-play");
    image.alpha!.forEach((value, i) => {
      if (value < 0.05) return;
      const green = image.data[3 * i + 1]!;
      assert.ok(Math.abs(green - 0.2) < 0.02, `${green} where alpha is ${value}`);
    });
  });
});

Deno.test("upscale enlarges icons below 16 pixels", async () => {
  await inFolder(async (folder) => {
    for (const [height, width] of [[8, 12], [5, 4]] as const) {
      const file = join(folder, "icon.png");
      await writeImage(file, picture(height, width, 3));
      const { code, stderr } = await runTask("upscale", file, "--quality", "fast");
      assert.equal(code, 0, stderr);
      const large = await readImage(join(folder, "icon-upscaled.png"));
      assert.deepEqual([large.height, large.width], [4 * height, 4 * width]);
      await Deno.remove(join(folder, "icon-upscaled.png"));
    }
  });
});

Deno.test("inpaint fills transparent holes: the rest is kept, and all is opaque", async () => {
  await inFolder(async (folder) => {
    for (const bitDepth of [8, 16] as const) {
      const input = picture(33, 17, 3, { bitDepth });
      input.alpha = Float32Array.from({ length: 33 * 17 }, (_, i) => i % 5 === 0 ? 0 : 1);
      const file = join(folder, "in.png");
      await writeImage(file, input);
      const inpaint = TASKS.find(({ name }) => name === "inpaint")!;
      const image = await restored(inpaint, file);
      const { alpha: _, ...opaque } = input;
      assertLike(image, opaque);
      image.data.forEach((value, i) => {
        if (Math.floor(i / 3) % 5 > 0) assert.equal(value, input.data[i]);
      });
      await assertWritable(image, folder);
    }
  });
});

Deno.test("deblock takes JPEG in grey and colour, with sizes that are no multiple of its blocks", async () => {
  await inFolder(async (folder) => {
    for (const [height, width, channels] of [[17, 31, 1], [33, 49, 3], [16, 16, 3]] as const) {
      const input = picture(height, width, channels), file = join(folder, "in.jpg");
      await writeImage(file, input);
      const deblock = TASKS.find(({ name }) => name === "deblock")!;
      const image = await restored(deblock, file);
      assertLike(image, input);
      await assertWritable(image, folder);
    }
  });
});

Deno.test("masks, kernels and references may have alpha, 16 bits or another format", async () => {
  await inFolder(async (folder) => {
    const at = (name: string) => join(folder, name), input = picture(33, 41, 3);
    await writeImage(at("in.png"), input);
    const holes = Float32Array.from({ length: 33 * 41 }, (_, i) => i % 3 ? 1 : 0);
    const alpha = new Float32Array(33 * 41).fill(0.5);
    await writeImage(at("mask.tif"), {
      ...createImage({ height: 33, width: 41, channels: 1, data: holes, alpha, bitDepth: 16 }),
    });
    await writeImage(at("kernel.webp"), picture(16, 17, 3, { alpha: true }));
    await writeImage(at("clean.tif"), picture(33, 41, 3, { bitDepth: 16, alpha: true }));
    const [inpaint, deblur] = ["inpaint", "deblur"].map((task) =>
      TASKS.find(({ name }) => name === task)!
    ) as [RestorationTask, RestorationTask];
    const reference = ["--reference", at("clean.tif")];
    const filled = await restored(inpaint, at("in.png"), "--mask", at("mask.tif"), ...reference);
    assertLike(filled, input);
    filled.data.forEach((value, i) => {
      if (Math.floor(i / 3) % 3) assert.equal(value, input.data[i]);
    });
    const large = picture(47, 49, 3);
    await writeImage(at("large.png"), large);
    assertLike(await restored(deblur, at("large.png"), "--kernel", at("kernel.webp")), large);
  });
});

Deno.test("errors of masks and kernels name what was given", async () => {
  await inFolder(async (folder) => {
    const at = (name: string) => join(folder, name), size = { height: 33, width: 41 };
    const white = createImage({ ...size, channels: 1 });
    white.data.fill(1);
    const files: Record<string, Image> = {
      "in.png": picture(33, 41, 3),
      "white.png": white,
      "clear.png": { ...white, alpha: new Float32Array(33 * 41) },
      "point.png": createImage({ height: 1, width: 1, channels: 1, data: Float32Array.of(1) }),
      "box.png": {
        ...createImage({ height: 2, width: 3, channels: 1 }),
        data: new Float32Array(6).fill(1),
      },
    };
    for (const [name, image] of Object.entries(files)) await writeImage(at(name), image);
    const posed = async (name: string, ...args: string[]) => {
      const task = TASKS.find((one) => one.name === name)!, command = commandOf(task);
      assert.ok(parseArguments(command, [at("in.png"), ...args]));
      const options = command.opts<RestorationOptions>();
      return await pose(task, await readPictures(at("in.png")), options);
    };
    for (const mask of ["white.png", "clear.png"]) {
      await assert.rejects(
        posed("inpaint", "--mask", at(mask)),
        /^\w*: the mask has no hole \(black, transparent, or strokes on a transparent layer\): nothing/,
      );
    }
    const half = createImage({ ...size, channels: 1 });
    half.data.fill(1, 200);
    await writePages(at("masks.tif"), [half, white].map((image) => ({ image })));
    const { notes: ofMasks } = await posed("inpaint", "--mask", at("masks.tif"));
    assert.deepEqual(ofMasks, ["the mask: page 1 of 2 is taken"]);
    const { notes: ofPoint } = await posed("deblur", "--kernel", at("point.png"));
    assert.deepEqual(ofPoint, ["the kernel is a single pixel: that is no blur"]);
    const { notes: ofBox } = await posed("deblur", "--kernel", at("box.png"));
    assert.deepEqual(ofBox, [
      "the kernel has 100% of its peak at its border: if it goes on there, it is cut off",
    ]);
  });
});

const NETWORKS: [network: string, args: string[]][] = [
  ["decoder", ["--upsampling", "gaussian", "--gaussian-sigma", "1e-300"]],
  ["decoder", ["--upsampling", "deconv", "--norm", "batch", "--lipschitz", "1"]],
  ["dip", ["--upsampling", "low-pass", "--skip-channels", "0"]],
  ["conv-net", ["--norm", "lipschitz-batch", "--lipschitz", "none"]],
  ["deep-decoder", ["--upsampling", "nearest"]],
  ["pip", ["--upsampling", "nearest", "--channels", "8"]],
  ["siren", ["--channels", "8"]],
];

for (const [network, args] of NETWORKS) {
  Deno.test(`every network takes an odd size: ${network} ${args.join(" ")}`, async () => {
    await inFolder(async (folder) => {
      const file = join(folder, "in.png"), input = picture(17, 33, 3);
      await writeImage(file, input);
      const options = ["--network", network, "--objective", "mse", ...args];
      assertLike(await restored(TASKS[0]!, file, "--noise-sigma", "10", ...options), input);
    });
  });
}

Deno.test("the commands keep unusual pictures complete: upscale with alpha, inpaint of 16 bits", async () => {
  await inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const clear = picture(17, 31, 3, { alpha: true }), deep = picture(33, 49, 1, { bitDepth: 16 });
    await writeImage(at("clear.webp"), clear);
    await writeImage(at("deep.tif"), deep);
    const cases = [
      ["upscale", "clear.webp", ["--factor", "2"]],
      ["inpaint", "deep.tif", ["--remove", "30"]],
    ] as const;
    for (const [name, input, args] of cases) {
      const result = await runTask(name, at(input), ...TINY, ...args, "--json", "-q");
      assert.equal(result.code, 0, result.stderr);
      const written = await readImage(JSON.parse(result.stdout).output);
      if (name === "upscale") assertLike(written, clear, 2);
      else assertLike(written, deep);
      assert.equal(extname(JSON.parse(result.stdout).output), extname(input));
    }
    assert.deepEqual(
      namesIn(folder),
      ["clear-upscaled.webp", "clear.webp", "deep-inpainted.tif", "deep.tif"],
    );
  });
});
