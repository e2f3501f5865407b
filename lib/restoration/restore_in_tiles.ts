// Restores a picture of any size: at once if the memory allows it, else tile by tile.
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
  /** The longest side of a tile, in pixels. @default {what the memory allows; no tiles if it allows the picture} */
  tile?: number;
}

/** A tile is not made larger than this by itself: it would only be slower to get used to. */
const LARGEST = 1024;

/** A run whose iterations are those of all its tiles. */
export interface TiledRun extends Run {
  /** The most iterations, of all tiles together. */
  readonly iterations: number;
  /** How the picture is cut; undefined if it is not. */
  readonly tiling: Tiling | undefined;
  /** The checkpoints' files, one a tile; they stay when the run has ended. */
  readonly checkpoints: readonly string[];
}

/**
 * Restores a picture of any size. One that the memory cannot hold at once is cut into overlapping tiles,
 * which are restored one after another with the same seed and noise level, and blended. A tile of which
 * nothing is known stays as the problem starts.
 *
 * @param problem What was observed.
 * @param options As for `restore`; each tile makes up to `iterations` iterations, and has a checkpoint of
 * its own, whose file's name ends with the tile's number.
 * @returns The run; a step's `iteration` counts on over the tiles. Its record holds the mean over the tiles
 * of the loss, and where each stopped.
 * @throws {RangeError} If an option is out of range.
 * @throws {TypeError} If there is no such option, or the problem is a picture alone.
 * @throws {MemoryError} If the memory is too small even for tiles.
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
  // The steps of a guided run see a part of the picture each, whatever its size.
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
  // Pixels near a tile's edge were observed beyond it: the neighbour must overlap as far, if the tile is large enough.
  const overlap = Math.max(defaultOverlap(side), Math.min(2 * support, side >> 1));
  const tiling = computeTiling(problem.initialEstimate, { side, overlap, alignment });
  const chosen = tiling.regions.flatMap((region, i) => isKnownIn(problem, region) ? [i] : []);
  if (chosen.length === 0) throw new RangeError("`known` leaves every tile without a picture");
  const result = Promise.withResolvers<RunResult>();
  // An error is thrown to the code that iterates or awaits; if there is none it is not to end the process.
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

/** Whether anything can be learned of a region: of the fewest pixels one must be left to be held out. */
function isKnownIn({ known, observed, initialEstimate }: Degradation, region: Region): boolean {
  // A smaller observed picture is known wherever it is looked at.
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

/** The checkpoint of one tile. */
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

/** The side of a tile that the memory allows; undefined if the whole picture fits. */
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
  // One level for all: an estimate from each tile would differ.
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
    // What there is so far is worth more than the error; the record says why.
    const message = error instanceof Error ? error.message : String(error);
    records.push(failed(records.at(-1)!, message));
  } finally {
    // Also when the consumer leaves early: the tile in progress counts as it is.
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

/** The record of a tile that never came to be. */
const failed = (like: RunRecord, message: string): RunRecord => ({
  ...like,
  series: { loss: [], misfit: [], milliseconds: [] },
  events: [{ iteration: 0, kind: "failure", message }],
  stop: { ...like.stop, reason: "failed", iteration: 0, best: 0 },
});

/** The worst ending of a tile is the picture's. */
const WORST: readonly StopReason[] = ["failed", "aborted", "diverged", "iterations", "rule"];

/** The record of the whole from those of its tiles. */
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
