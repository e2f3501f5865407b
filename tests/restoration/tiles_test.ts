// Tiles of a large picture: their positions, their blending, and the result of a run.
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  deblurring,
  type Degradation,
  denoising,
  gaussianBlur,
  inpainting,
  randomMask,
  superResolution,
} from "../../lib/degradation/mod.ts";
import { MemoryError } from "../../lib/engine/mod.ts";
import { addGaussianNoise, createImage, crop, type Image, psnr } from "../../lib/image/mod.ts";
import { decoder, dip } from "../../lib/network/mod.ts";
import {
  computeTiling,
  createTileBlender,
  restore,
  restoreInTiles,
  type TiledOptions,
  tileWeights,
  type Tiling,
} from "../../lib/restoration/mod.ts";
import { fixedBudget } from "../../lib/stopping/mod.ts";
import { noisy, picture } from "./_pictures.ts";

const RUNS = { numRuns: 500, seed: 1 };

/** A picture's size and tiles that fit together. */
const tilings = fc.record({
  height: fc.integer({ min: 1, max: 700 }),
  width: fc.integer({ min: 1, max: 700 }),
  alignment: fc.integer({ min: 1, max: 32 }),
  overlap: fc.integer({ min: 0, max: 80 }),
  more: fc.integer({ min: 0, max: 200 }),
}).map(({ overlap, alignment, more, ...size }) => ({
  ...size,
  overlap,
  alignment,
  side: overlap + 2 * alignment + more,
}));

const axesOf = ({ height, width, rows, columns }: Tiling) =>
  [[height, rows], [width, columns]] as const;

Deno.test("tiles cover every pixel, are no longer than asked, and share the overlap", () => {
  fc.assert(
    fc.property(tilings, ({ side, overlap, alignment, ...size }) => {
      for (const [length, spans] of axesOf(computeTiling(size, { side, overlap, alignment }))) {
        assert.equal(spans[0]!.start, 0);
        assert.equal(spans.at(-1)!.start + spans.at(-1)!.length, length);
        spans.forEach((span, i) => {
          assert.ok(span.length >= 1 && span.length <= Math.max(side, 1));
          const next = spans[i + 1];
          if (!next) return;
          assert.ok(next.start > span.start, "each begins after the one before");
          assert.ok(span.start + span.length < length, "only the last one reaches the end");
          assert.ok(span.start + span.length - next.start >= overlap, "neighbours share enough");
        });
      }
    }),
    RUNS,
  );
});

Deno.test("tiles begin at multiples of the alignment, and end there or with the picture", () => {
  fc.assert(
    fc.property(tilings, ({ side, overlap, alignment, ...size }) => {
      for (const [length, spans] of axesOf(computeTiling(size, { side, overlap, alignment }))) {
        for (const { start, length: part } of spans) {
          assert.equal(start % alignment, 0);
          assert.ok((start + part) % alignment === 0 || start + part === length);
        }
      }
    }),
    RUNS,
  );
});

Deno.test("the regions are the rows times the columns, row by row", () => {
  const { rows, columns, regions } = computeTiling({ height: 150, width: 210 }, { side: 64 });
  assert.deepEqual([rows.length, columns.length], [4, 6]);
  regions.forEach(({ top, left, height, width }, i) => {
    const row = rows[Math.floor(i / 6)]!, column = columns[i % 6]!;
    assert.deepEqual([top, height, left, width], [
      row.start,
      row.length,
      column.start,
      column.length,
    ]);
  });
  assert.throws(
    () => computeTiling({ height: 99, width: 99 }, { side: 33 }),
    /`side` must be at least 34/,
  );
});

Deno.test("the tiles' weights are positive and sum to 1 at every pixel", () => {
  fc.assert(
    fc.property(tilings, ({ side, overlap, alignment, ...size }) => {
      for (const [length, spans] of axesOf(computeTiling(size, { side, overlap, alignment }))) {
        const sums = new Float64Array(length);
        tileWeights(spans, length).forEach((weights, i) => {
          assert.equal(weights.length, spans[i]!.length);
          weights.forEach((weight, k) => {
            assert.ok(weight > 0 && weight <= 1 + 1e-12, `${weight}`);
            sums[spans[i]!.start + k]! += weight;
          });
        });
        for (const sum of sums) assert.ok(Math.abs(sum - 1) < 1e-12, `${sum}`);
      }
    }),
    RUNS,
  );
});

Deno.test("blended tiles of a picture are the picture, and the background where no tile is yet", () => {
  const whole = picture(70, 90, 3), tiling = computeTiling(whole, { side: 40, overlap: 12 });
  const ground: Image = { ...whole, data: whole.data.map((value) => 1 - value) };
  const mosaic = createTileBlender(tiling, ground);
  assert.deepEqual(mosaic.image().data, ground.data);
  tiling.regions.forEach(({ top, left, height, width }, i) => {
    mosaic.add(i, crop(whole, top, left, height, width));
    if (i === 0) {
      const { data } = mosaic.image();
      assert.ok(Math.abs(data[0]! - whole.data[0]!) < 1e-6, "the first tile's own corner");
      assert.equal(data.at(-1), ground.data.at(-1));
    }
  });
  mosaic.image().data.forEach((value, i) =>
    assert.ok(Math.abs(value - whole.data[i]!) < 1e-5, `${value} instead of ${whole.data[i]}`)
  );
});

/** Waves of even strength over the picture, so that no place is harder than another. */
function waves(side: number): Image {
  const data = Float32Array.from({ length: side * side }, (_, i) => {
    const x = 2 * Math.PI * (i % side), y = 2 * Math.PI * Math.floor(i / side);
    const wave = 0.2 * Math.sin(x / 12 + 0.3) * Math.cos(y / 16);
    return 0.5 + wave + 0.15 * Math.sin((x + 2 * y) / 24);
  });
  return createImage({ height: side, width: side, channels: 1, data });
}

const SEAM_SEEDS = [0, 1];

Deno.test("the error along seams is not above the error elsewhere by more than 5 %", async () => {
  const side = 96, clean = waves(side);
  const network = dip({ channels: 8, scales: 3, inputChannels: 4, skipChannels: 4 });
  // Both sides of where a tile ends: 64 of 96 pixels each, the first from 0 and the second from 32.
  const isNearSeam = (at: number) => [32, 64].some((end) => at >= end - 2 && at < end + 2);
  const errors = { seam: 0, elsewhere: 0 }, counts = { seam: 0, elsewhere: 0 };
  for (const seed of SEAM_SEEDS) {
    const observed = addGaussianNoise(clean, 0.1, 50 + seed);
    const run = restoreInTiles(denoising(observed), {
      network,
      objective: "r2r",
      noiseSigma: 0.1,
      iterations: 150,
      tile: 64,
      seed,
    });
    const { rows, columns } = run.tiling!;
    for (const spans of [rows, columns]) {
      assert.deepEqual(spans, [{ start: 0, length: 64 }, { start: 32, length: 64 }]);
    }
    const { image } = await run.result;
    const gain = psnr(image, clean) - psnr(observed, clean);
    assert.ok(gain > 6, `a meaningful picture: ${gain} dB`);
    image.data.forEach((value, i) => {
      const where = isNearSeam(i % side) || isNearSeam(Math.floor(i / side)) ? "seam" : "elsewhere";
      errors[where] += (value - clean.data[i]!) ** 2;
      counts[where]++;
    });
  }
  const ratio = errors.seam / counts.seam / (errors.elsewhere / counts.elsewhere);
  assert.ok(ratio < 1.05, `${ratio}`);
});

const tiny = decoder({ channels: 4, scales: 2, inputChannels: 4 });
const short: TiledOptions = { network: tiny, iterations: 3, tile: 64, threads: 1, seed: 2 };

Deno.test("the steps of all tiles are counted on, and each shows its part", async () => {
  const run = restoreInTiles(denoising(noisy(picture(70, 60, 1))), short);
  assert.equal(run.iterations, 6);
  const seen: number[] = [];
  for await (const { iteration, average, loss } of run) {
    seen.push(iteration);
    assert.ok(loss > 0);
    assert.deepEqual([average.height, average.width], [51, 60]);
  }
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6]);
  const { record } = await run.result;
  assert.equal(record.series.loss.length, 3);
  assert.deepEqual(record.picture, { height: 70, width: 60, channels: 1 });
  assert.deepEqual(record.tiles!.regions.map(({ top, height }) => [top, height]), [[0, 51], [
    19,
    51,
  ]]);
  assert.deepEqual(JSON.parse(JSON.stringify(record)), record);
});

Deno.test("tiles of one seed give the same bytes, equal to the blended parts", async () => {
  const observed = noisy(picture(70, 60, 3)), problem = denoising(observed);
  const [a, b] = [
    await restoreInTiles(problem, short).result,
    await restoreInTiles(problem, short).result,
  ];
  assert.deepEqual(a.image.data, b.image.data);
  const { tile: _, ...options } = short, run = restoreInTiles(problem, short);
  const parts: Image[] = [];
  for (const region of run.tiling!.regions) {
    parts.push((await restore(problem.crop(region), { ...options, measure: false }).result).image);
  }
  // The first rows are the first tile's alone, the last rows the last one's.
  assert.deepEqual(a.image.data.slice(0, 19 * 180), parts[0]!.data.slice(0, 19 * 180));
  assert.deepEqual(a.image.data.slice(51 * 180), parts[1]!.data.slice(32 * 180));
});

Deno.test("a run interrupted in its second tile keeps the first, and the second's picture so far", async () => {
  const observed = noisy(picture(130, 60, 1)), problem = denoising(observed);
  const whole = await restoreInTiles(problem, short).result;
  const controller = new AbortController();
  const run = restoreInTiles(problem, { ...short, signal: controller.signal });
  for await (const { iteration } of run) if (iteration === 4) controller.abort();
  const { image, record, stoppedBy } = await run.result;
  assert.deepEqual([stoppedBy, record.stop.reason], ["aborted", "aborted"]);
  const { regions } = record.tiles!;
  assert.deepEqual(regions.map(({ stop }) => stop.reason), ["iterations", "aborted"]);
  const { rows } = run.tiling!;
  assert.ok(rows.length > 2);
  const own = rows[1]!.start * 60, untouched = (rows[1]!.start + rows[1]!.length) * 60;
  assert.deepEqual(image.data.slice(0, own), whole.image.data.slice(0, own));
  assert.deepEqual(image.data.slice(untouched), observed.data.slice(untouched));
  assert.ok(image.data.every(Number.isFinite));

  const left = restoreInTiles(problem, short);
  for await (const { iteration } of left) if (iteration === 5) break;
  const { image: kept, record: ended } = await left.result;
  assert.equal(ended.stop.reason, "aborted");
  assert.deepEqual(kept.data.slice(0, own), whole.image.data.slice(0, own));
});

Deno.test("the memory of a run in tiles is bounded, whatever the picture's size", async () => {
  const large = denoising(noisy(picture(640, 576, 1)));
  const options: TiledOptions = { network: tiny, iterations: 1, threads: 1 };
  const takes = async (problem: Degradation) =>
    (await restore(problem, { ...options, measure: false }).result).record.engine!.memory;
  const memory = await takes(large);
  const quarter = await takes(large.crop({ top: 0, left: 0, height: 320, width: 288 }));
  const memoryLimit = (memory + quarter) / 2;
  const run = restoreInTiles(large, { ...options, memoryLimit });
  assert.ok(run.tiling!.regions.length > 1);
  const { image, record } = await run.result;
  assert.deepEqual([image.height, image.width], [640, 576]);
  assert.ok(record.engine!.memory <= memoryLimit, `${record.engine!.memory} of ${memoryLimit}`);
  assert.equal(restoreInTiles(large, { ...options, memoryLimit: 2 * memory }).tiling, undefined);
  assert.throws(() => restoreInTiles(large, { ...options, memoryLimit: 1e6 }), MemoryError);
});

Deno.test("if memory is small, a small picture is tiled too, or refused before it begins", async () => {
  const small = denoising(noisy(picture(320, 288, 1)));
  const options: TiledOptions = { network: tiny, iterations: 1, threads: 1 };
  const takes = async (problem: Degradation) =>
    (await restore(problem, { ...options, measure: false }).result).record.engine!.memory;
  const memory = await takes(small);
  const part = await takes(small.crop({ top: 0, left: 0, height: 160, width: 144 }));
  const memoryLimit = (memory + part) / 2;
  const run = restoreInTiles(small, { ...options, memoryLimit });
  assert.ok(run.tiling!.regions.length > 1);
  const { image, record } = await run.result;
  assert.deepEqual([image.height, image.width], [320, 288]);
  assert.ok(record.engine!.memory <= memoryLimit, `${record.engine!.memory} of ${memoryLimit}`);
  assert.equal(restoreInTiles(small, { ...options, memoryLimit: 1.1 * memory }).tiling, undefined);
  assert.throws(() => restoreInTiles(small, { ...options, memoryLimit: 1e6 }), MemoryError);
  await assert.rejects(restore(small, { ...options, memoryLimit }).result, MemoryError);
});

Deno.test("super-resolution in tiles gives the large picture with alpha and bit depth", async () => {
  const { data } = picture(25, 40, 3), alpha = new Float32Array(25 * 40).fill(0.5);
  const small = createImage({ height: 25, width: 40, channels: 3, data, alpha, bitDepth: 16 });
  const run = restoreInTiles(superResolution(small, 4), { ...short, tile: 96 });
  for (const { top, left, height, width } of run.tiling!.regions) {
    for (const side of [top, left, height, width]) assert.equal(side % 4, 0);
  }
  const { image } = await run.result;
  assert.deepEqual([image.height, image.width, image.bitDepth], [100, 160, 16]);
  assert.equal(image.alpha!.length, 100 * 160);
  assert.ok(image.data.every(Number.isFinite));
});

Deno.test("inpainting in tiles keeps known pixels to the bit", async () => {
  const clean = picture(80, 70, 3), mask = randomMask(clean, 0.5, 3);
  const { image } = await restoreInTiles(inpainting(clean, mask), short).result;
  image.data.forEach((value, i) => {
    if (mask.data[Math.floor(i / 3)]) assert.equal(value, clean.data[i]);
    else assert.ok(Number.isFinite(value));
  });
});

Deno.test("a tile without known pixels stays as it was filled, without a run", async () => {
  const clean = picture(130, 60, 1), mask = createImage({ height: 130, width: 60, channels: 1 });
  // One pixel alone is known of the first tile: too few to hold one out.
  mask.data.fill(1, 115 * 60);
  mask.data[5] = 1;
  const problem = inpainting(clean, mask), run = restoreInTiles(problem, short);
  const { rows } = run.tiling!;
  assert.deepEqual(rows.map(({ start }) => start), [0, 24, 49, 73]);
  assert.equal(run.iterations, 3);
  const { image, record } = await run.result;
  assert.equal(record.stop.reason, "iterations");
  assert.deepEqual(record.tiles!.regions.map(({ top }) => top), [73]);
  assert.deepEqual(image.data.slice(0, 73 * 60), problem.initialEstimate.data.slice(0, 73 * 60));
  const lone = { ...mask, data: mask.data.map((_, i) => i === 5 ? 1 : 0) };
  const budget = { ...short, stop: [fixedBudget()] };
  assert.throws(() => restoreInTiles(inpainting(clean, lone), budget), /`known`/);
  await assert.rejects(restore(inpainting(clean, lone), { network: tiny }).result, /`stop`/);
});

Deno.test("tiles of a blurred picture overlap where the border of each is unknown", () => {
  const overlapOf = (sigma: number) =>
    restoreInTiles(deblurring(picture(200, 200, 1), gaussianBlur(sigma)), { ...short, tile: 128 })
      .tiling!.overlap;
  // A Gaussian ends at three standard deviations, on both sides of the seam.
  assert.deepEqual([1, 5, 7].map(overlapOf), [32, 32, 42]);
  // At most half of a tile is shared.
  assert.equal(overlapOf(16), 64);
});
