// Restores a picture of any size: as a whole if it fits into memory, else tile by tile.
import type { Degradation, Region } from "../degradation/mod.ts";
import { MemoryError } from "../engine/mod.ts";
import { crop, psnr } from "../image/mod.ts";
import { fitsAnyway, memoryNeed, pixelBudget } from "./check_memory.ts";
import { assumedOf } from "./noise_level.ts";
import type { RestoreOptions } from "./options.ts";
import { hasQuality } from "./defaults.ts";
import { makeObjective } from "./make_objective.ts";
import { type ResolvedOptions, resolveOptions } from "./resolve_options.ts";
import type { JsonNumber, RunRecord, StopReason } from "./record.ts";
import { restore, type Run, type RunResult, startRun, type Step } from "./restore.ts";
import { computeTiling, createTileBlender, defaultOverlap, type Tiling } from "./tiling.ts";

/** Options of {@linkcode restoreInTiles}. */
export interface TiledOptions extends RestoreOptions {
  /**
   * The longest side of a tile, in pixels.
   * @default {the largest that fits into memory; no tiles if the picture fits}
   */
  tile?: number;
}

/** The largest side of a tile that is chosen automatically: larger ones take longer to fit and gain nothing. */
const LARGEST = 1024;

/** A run whose iterations are those of all its tiles. */
export interface TiledRun extends Run {
  /** The most iterations, of all tiles together. */
  readonly iterations: number;
  /** The tiling; undefined if the picture is restored as a whole. */
  readonly tiling: Tiling | undefined;
  /** The checkpoints' files, one for each tile; they stay after the run has ended. */
  readonly checkpoints: readonly string[];
}

/**
 * Restores a picture of any size. A picture that does not fit into memory is cut into overlapping tiles, which are
 * restored one after another with the same seed and noise level, and blended. A tile without known pixels keeps the
 * initial estimate.
 *
 * @param problem The problem.
 * @param options As for `restore`; each tile has up to `iterations` iterations and its own checkpoint, whose file
 * name ends with the tile's number.
 * @returns The run; the `iteration` of its steps counts through all tiles. Its record holds the mean loss over the
 * tiles, and where each stopped.
 * @throws {RangeError} If an option is out of range.
 * @throws {TypeError} If an option does not exist, or `problem` is a picture.
 * @throws {MemoryError} If not even tiles fit into memory.
 *
 * @example Four tiles
 * ```ts
 * import assert from "node:assert/strict";
 * import { denoising } from "../degradation/mod.ts";
 * import { createImage } from "../image/mod.ts";
 * import { decoder } from "../network/mod.ts";
 *
 * const noisy = createImage({ height: 96, width: 96, channels: 1 });
 * const run = restoreInTiles(denoising(noisy), {
 *   network: decoder({ channels: 4 }),
 *   iterations: 2,
 *   tile: 64,
 * });
 * const { image, record } = await run.result;
 * assert.equal(image.width, 96);
 * assert.equal(record.tiles!.regions.length, 4);
 * ```
 */
export function restoreInTiles(problem: Degradation, options: TiledOptions = {}): TiledRun {
  const { tile, ...single } = options;
  const settings = resolveOptions(problem, single);
  const { height, width } = problem.initialEstimate;
  // Each step of a guided run uses a part of the picture, whatever its size.
  const isCut = !hasQuality(settings.objective);
  if (!isCut && tile !== undefined) {
    throw new RangeError(
      "`tile` goes with mse, sure and r2r: a guided run learns from all of a picture at once",
    );
  }
  const side = isCut ? tile ?? sideWithin(problem, settings) : undefined;
  if (side === undefined || (height <= side && width <= side)) {
    return runAs(startRun(problem, () => settings), settings);
  }
  if (settings.reference) psnr(problem.initialEstimate, settings.reference);
  const { alignment, support = 0 } = problem;
  // Pixels near a tile's edge are observed beyond it, so the tiles overlap by twice the support of the degradation.
  const overlap = Math.max(defaultOverlap(side), Math.min(2 * support, side >> 1));
  const tiling = computeTiling(problem.initialEstimate, { side, overlap, alignment });
  const chosen = tiling.regions.flatMap((region, i) => isKnownIn(problem, region) ? [i] : []);
  if (chosen.length === 0) throw new RangeError("`known` leaves every tile without a picture");
  const result = Promise.withResolvers<RunResult>();
  // The error is thrown to the code that iterates or awaits. If there is none, it must not end the process.
  result.promise.catch(() => {});
  let started = false;
  const steps = tiles(problem, single, settings, tiling, chosen, result, () => started = true);
  const run: Run = {
    [Symbol.asyncIterator]: () => steps,
    get result() {
      if (!started) drain(steps, result);
      return result.promise;
    },
  };
  return runAs(run, settings, tiling, chosen);
}

/** Whether a region has enough known pixels to be restored; one of them may have to be held out. */
function isKnownIn({ known, observed, initialEstimate }: Degradation, region: Region): boolean {
  // An observed picture of another size has no mask of the restored picture.
  if (
    !known || observed.height !== initialEstimate.height || observed.width !== initialEstimate.width
  ) return true;
  const { top, left, height, width } = region;
  let count = 0;
  for (let y = top; y < top + height; y++) {
    for (let x = left; x < left + width; x++) {
      count += known.data[(y * known.width + x) * known.channels]!;
      if (count >= 2) return true;
    }
  }
  return false;
}

const runAs = (
  run: Run,
  { iterations, checkpoint }: ResolvedOptions,
  tiling?: Tiling,
  chosen: readonly number[] = [0],
): TiledRun => ({
  [Symbol.asyncIterator]: () => run[Symbol.asyncIterator](),
  get result() {
    return run.result;
  },
  iterations: iterations * chosen.length,
  tiling,
  checkpoints: !checkpoint
    ? []
    : tiling
    ? chosen.map((i) => fileOf(checkpoint.file, i))
    : [checkpoint.file],
});

/** The checkpoint file of one tile. */
const fileOf = (file: string, tile: number) => `${file}.${tile + 1}`;

async function drain(
  steps: AsyncGenerator<Step>,
  result: PromiseWithResolvers<RunResult>,
): Promise<void> {
  try {
    while (!(await steps.next()).done);
  } catch (error) {
    result.reject(error);
  }
}

/** The side of the largest tiles that fit into memory; undefined if the whole picture fits. */
function sideWithin(
  problem: Degradation,
  settings: ResolvedOptions,
): number | undefined {
  const { height, width, channels } = problem.initialEstimate;
  if (fitsAnyway(problem.initialEstimate, settings.memoryLimit)) return undefined;
  const need = memoryNeed(channels, (small) => makeObjective(small, settings));
  const pixels = pixelBudget(need, settings.memoryLimit);
  if (height * width <= pixels) return undefined;
  const { multiple } = settings.network, { alignment } = problem;
  const unit = multiple * alignment / gcd(multiple, alignment);
  const side = Math.floor(Math.min(Math.sqrt(pixels), LARGEST) / unit) * unit;
  if (side >= 2 * unit && side >= 96) return side;
  throw new MemoryError(
    `the ${(settings.memoryLimit / 1e9).toFixed(1)} GB there are do not hold a tile with this ` +
      "network: take fewer channels",
  );
}

const gcd = (a: number, b: number): number => b === 0 ? a : gcd(b, a % b);

async function* tiles(
  problem: Degradation,
  options: RestoreOptions,
  settings: ResolvedOptions,
  tiling: Tiling,
  chosen: readonly number[],
  result: PromiseWithResolvers<RunResult>,
  begun: () => void,
): AsyncGenerator<Step, void, void> {
  begun();
  const start = performance.now();
  const { iterations, reference, signal, checkpoint } = settings;
  const mosaic = createTileBlender(tiling, problem.initialEstimate);
  const records: RunRecord[] = [];
  // All tiles use one noise level: estimates from single tiles would differ.
  const isNoiseNeeded = settings.objective !== "mse" || options.stop !== undefined ||
    options.steerFrom !== undefined;
  const noise = !isNoiseNeeded || settings.noise.isNone
    ? {}
    : settings.noise.isWhite
    ? { noiseSigma: settings.noise.sigma }
    : { noise: settings.noise.model };
  let running: Run | undefined;
  try {
    for (const [nth, i] of chosen.entries()) {
      if (signal?.aborted && records.length > 0) break;
      const region = tiling.regions[i]!, { top, left, height, width } = region;
      const { finish: _, ...part } = problem.crop(region);
      running = restore(part, {
        ...options,
        measure: false,
        snapshots: false,
        ...checkpoint && { checkpoint: { ...checkpoint, file: fileOf(checkpoint.file, i) } },
        ...noise,
        ...reference ? { reference: crop(reference, top, left, height, width) } : {},
      });
      for await (const step of running) {
        yield Object.assign(Object.create(step), { iteration: nth * iterations + step.iteration });
      }
      const { image, record } = await running.result;
      running = undefined;
      mosaic.add(i, image);
      records.push(record);
    }
  } catch (error) {
    if (records.length === 0) {
      result.reject(error);
      throw error;
    }
    // Keep the tiles restored so far; the record holds the error.
    const message = error instanceof Error ? error.message : String(error);
    records.push(failed(records.at(-1)!, message));
  } finally {
    // This also runs if the consumer leaves the iteration early; the tile in progress counts as it is.
    if (running && records.length < chosen.length) {
      const ended = await running.result.catch(() => undefined);
      if (ended) {
        mosaic.add(chosen[records.length]!, ended.image);
        records.push(ended.record);
      }
    }
    if (records.length > 0) {
      const record = recordOf(
        problem,
        settings,
        tiling,
        chosen,
        records,
        (performance.now() - start) / 1000,
      );
      const image = mosaic.image();
      result.resolve({
        image: problem.finish?.(image) ?? image,
        stoppedBy: record.stop.reason,
        record,
      });
    }
    result.reject(new Error("the run was ended before it began"));
  }
}

/** The record of a tile that could not be restored. */
const failed = (like: RunRecord, message: string): RunRecord => ({
  ...like,
  series: { loss: [], misfit: [], milliseconds: [] },
  events: [{ iteration: 0, kind: "failure", message }],
  stop: { ...like.stop, reason: "failed", iteration: 0, best: 0 },
});

/** Stop reasons from the worst to the best; the worst one of the tiles is that of the picture. */
const WORST: readonly StopReason[] = ["failed", "aborted", "diverged", "iterations", "rule"];

/** Combines the records of the tiles. */
function recordOf(
  problem: Degradation,
  settings: ResolvedOptions,
  { overlap, regions }: Tiling,
  chosen: readonly number[],
  records: readonly RunRecord[],
  seconds: number,
): RunRecord {
  const [first] = records as [RunRecord];
  const { height, width, channels } = problem.initialEstimate;
  const longest = Math.max(...records.map(({ stop }) => stop.iteration));
  const mean = (of: (record: RunRecord) => readonly JsonNumber[]): number[] =>
    Array.from({ length: longest }, (_, i) => {
      const known = records.map((record) => of(record)[i]).filter((value) => value != null);
      return known.reduce((a, b) => a + b, 0) / Math.max(known.length, 1);
    });
  const isUnfinished = records.length < chosen.length;
  const reasons = records.map(({ stop }) => stop.reason);
  const reason = isUnfinished && !reasons.includes("failed")
    ? "aborted"
    : WORST.find((reason) => reasons.includes(reason))!;
  return {
    ...first,
    degradation: problem.settings,
    picture: { height, width, channels },
    settings: { ...first.settings, ...assumedOf(settings.noise) },
    series: {
      loss: mean(({ series }) => series.loss),
      misfit: mean(({ series }) => series.misfit),
      milliseconds: mean(({ series }) => series.milliseconds),
    },
    spectralNorms: { layers: [], iterations: [], kernel: [], controlled: [] },
    rules: [],
    events: records.flatMap(({ events }, i) =>
      events.map((event) => ({ ...event, message: `tile ${chosen[i]! + 1}: ${event.message}` }))
    ),
    tiles: {
      overlap,
      regions: records.map(({ stop }, i) => ({ ...regions[chosen[i]!]!, stop })),
    },
    stop: {
      reason,
      iteration: longest,
      best: Math.max(...records.map(({ stop }) => stop.best)),
      rule: first.stop.rule,
    },
    seconds,
  };
}
