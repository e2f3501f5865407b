// Plug-and-play restoration: NL-Ridge alternating with the data step.
import assert from "node:assert/strict";
import {
  blurred,
  deblocking,
  deblurring,
  type Degradation,
  denoising,
  downsampled,
  gaussianBlur,
  inpainting,
  randomMask,
  superResolution,
} from "../../lib/degradation/mod.ts";
import {
  addGaussianNoise,
  compressJpeg,
  createImage,
  crop,
  type Image,
  psnr,
  readImage,
  resample,
} from "../../lib/image/mod.ts";
import { nlRidge } from "../../lib/nonlocal/mod.ts";
import { defaultRounds } from "../../lib/restoration/defaults.ts";
import { QUALITIES, restore } from "../../lib/restoration/mod.ts";

const clean = crop(await readImage("data/chelsea.png"), 60, 120, 64, 64);
const holes = () => inpainting(clean, randomMask(clean, 0.5, 1));

/** Each task, and by how many dB its fast preset beats the start at least. */
const CASES: readonly (readonly [
  name: string,
  pose: () => Promise<Degradation> | Degradation,
  gain: number,
])[] = [
  ["half of the pixels missing", holes, 1.5],
  ["twice as large", () => superResolution(downsampled(clean, 2).small, 2), 0.5],
  ["a JPEG of quality 10", async () => {
    const { image, quantization } = await compressJpeg(clean, 10);
    return deblocking(image, quantization);
  }, 0.5],
  ["blurred", () => {
    const kernel = gaussianBlur(1.6);
    return deblurring(addGaussianNoise(blurred(clean, kernel), 2 / 255, 1), kernel);
  }, 1],
];

for (const [name, pose, gain] of CASES) {
  Deno.test(`${name}: the fast preset gains at least ${gain} dB, without a network`, async () => {
    const problem = await pose();
    const { image, record } = await restore(problem, { quality: "fast" }).result;
    assert.equal(record.settings.objective, "plug-and-play");
    assert.equal(record.series.loss.length, QUALITIES.fast.rounds);
    assert.ok(psnr(image, clean) > psnr(problem.initialEstimate, clean) + gain);
  });
}

Deno.test("a problem limits its iterations: a demosaiced picture is enlarged in 12 at any quality", async () => {
  const small = resample(clean, 16, 16);
  const lengthOf = async (demosaiced: boolean) => {
    const problem = superResolution(small, 2, { demosaiced });
    const { record } = await restore(problem, { quality: "balanced" }).result;
    return record.series.loss.length;
  };
  assert.equal(await lengthOf(false), 48);
  assert.equal(await lengthOf(true), 12);
});

Deno.test("from two megapixels on balanced has half of its iterations", () => {
  assert.equal(defaultRounds("balanced", 512 * 512), 48);
  assert.equal(defaultRounds("balanced", 1024 * 1536), 32);
  assert.equal(defaultRounds("balanced", 4000 * 3000), 24);
  assert.equal(defaultRounds("fast", 4000 * 3000), 12);
  assert.equal(defaultRounds("best", 4000 * 3000), 96);
});

Deno.test("one iteration is NL-Ridge at the last level, then the data step", async () => {
  const problem = superResolution(downsampled(clean, 2).small, 2);
  const { image } = await restore(problem, { iterations: 1 }).result;
  const { proximal: nearest, noiseLevels: levels } = problem.dataStep!, [, last] = levels();
  const { data } = nearest(
    await nlRidge(problem.initialEstimate, last, { weights: "ridge" }),
    last,
  );
  assert.deepEqual(image.data, data.map((value) => Math.min(Math.max(value, 0), 1)));
});

const added = (a: Image, weight: number, b: Image): Image => ({
  ...a,
  data: a.data.map((value, i) => value + weight * b.data[i]!),
});

/** Two iterations of ADMM by the formula, from dual variable 0. */
async function twoIterations(
  { initialEstimate: x, dataStep }: Degradation,
  options: { patch?: number },
  withPilot: boolean,
): Promise<Image> {
  const { proximal, noiseLevels } = dataStep!, [first, last] = noiseLevels();
  const v = await nlRidge(x, first, { weights: "ridge", ...options });
  const x1 = proximal(v, first), ratio = (last / first) ** 2;
  const u = added(v, -1, x1), scaled = { ...u, data: u.data.map((value) => ratio * value) };
  const v1 = await nlRidge(added(x1, -1, scaled), last, {
    ...options,
    weights: "ridge",
    ...withPilot && { pilot: v },
  });
  return proximal(added(v1, 1, scaled), last);
}

function assertClose(image: Image, expected: Image): void {
  expected.data.forEach((value, i) => {
    assert.ok(Math.abs(image.data[i]! - Math.min(Math.max(value, 0), 1)) < 1e-5);
  });
}

Deno.test("two iterations are those of ADMM with a penalty that grows", async () => {
  const kernel = gaussianBlur(1.6), problem = deblurring(blurred(clean, kernel), kernel);
  const { image } = await restore(problem, { iterations: 2 }).result;
  assertClose(image, await twoIterations(problem, {}, true));
});

Deno.test("enlargement by 4 begins with a pass of small patches and new pilots", async () => {
  const problem = superResolution(downsampled(clean, 4).small, 4);
  const { image } = await restore(problem, { iterations: 3 }).result;
  const { proximal, noiseLevels } = problem.dataStep!, [, last] = noiseLevels();
  const passed = await twoIterations(problem, { patch: 5 }, false);
  assertClose(image, proximal(await nlRidge(passed, last, { weights: "ridge" }), last));
});

Deno.test("patches for holes are 1.5 to 0.75 of the square that has 25 known pixels", () => {
  const side = 20;
  for (const [missing, seed] of [[0.3, 1], [0.5, 2], [0.7, 3], [0.9, 4]] as const) {
    const mask = randomMask({ height: side, width: side }, missing, seed);
    const isKnown = (y: number, x: number) =>
      y >= 0 && x >= 0 && y < side && x < side && mask.data[y * side + x] === 1;
    const squares: number[] = [];
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        if (isKnown(y, x)) continue;
        for (let square = 3, count = 0; count < 25; square += 2) {
          count = 0;
          for (let i = 0; i < square * square; i++) {
            const down = Math.floor(i / square) - (square >> 1),
              across = i % square - (square >> 1);
            if (isKnown(y + down, x + across)) count++;
          }
          if (count >= 25 || square === 23) squares.push(square);
          if (square === 23) break;
        }
      }
    }
    const mean = squares.reduce((sum, square) => sum + square) / squares.length;
    const sideOf = (factor: number) => Math.min(Math.max(Math.round(factor * mean), 6), 16);
    const observed = createImage({ height: side, width: side, channels: 1 });
    assert.deepEqual(inpainting(observed, mask).dataStep!.patchSides!(), [
      ...[sideOf(1.5), sideOf(0.75)],
    ]);
  }
});

Deno.test("the number of threads does not change a byte", async () => {
  const [one, two] = await Promise.all(
    [1, 2].map(async (threads) =>
      (await restore(holes(), { quality: "fast", threads }).result).image.data
    ),
  );
  assert.deepEqual(one, two);
});

Deno.test("a run whose iteration is left returns the picture so far", async () => {
  const run = restore(holes(), { quality: "fast" });
  for await (const { iteration } of run) if (iteration === 8) break;
  const { image, stoppedBy, record } = await run.result;
  assert.equal(stoppedBy, "aborted");
  assert.equal(record.stop.best, 8);
  assert.ok(psnr(image, clean) > psnr(holes().initialEstimate, clean));
});

Deno.test("a run resumed from its checkpoint gives the same bytes", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const checkpoint = { file: `${folder}/run.checkpoint`, every: 2, resume: true };
    const whole = await restore(holes(), { quality: "fast" }).result;
    for await (const { iteration } of restore(holes(), { quality: "fast", checkpoint })) {
      if (iteration === 5) break;
    }
    const { image } = await restore(holes(), { quality: "fast", checkpoint }).result;
    assert.deepEqual(image.data, whole.image.data);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an option of a network selects one, and plug-and-play requires a data step", async () => {
  const network = restore(holes(), { iterations: 1, averaging: 0 });
  assert.equal((await network.result).record.settings.objective, "mse");
  const wrong = { objective: "plug-and-play", averaging: 0.5 } as const;
  await assert.rejects(restore(holes(), wrong).result, /`averaging` is of a network/);
  const noise = restore(denoising(clean), { objective: "plug-and-play" });
  await assert.rejects(noise.result, /no data step/);
});
