// restore(): the one loop that every script, notebook and test uses.
import type { Degradation } from "../degradation/mod.ts";
import { type Image, psnr } from "../image/mod.ts";
import { derive, random } from "../random/mod.ts";
import { checkMemory } from "./check_memory.ts";
import { createWatch } from "./divergence.ts";
import { makeObjective, type RestoreOptions, settle } from "./options.ts";
import {
  finite,
  RECORD_VERSION,
  type RecordEvent,
  type RunRecord,
  type Series,
  type StopReason,
  versions,
} from "./record.ts";
import { type Iterate, startTraining, type Training } from "./training.ts";

/** One iteration, as the consumer of a run sees it. */
export interface Step {
  /** Counts from 1. */
  readonly iteration: number;
  readonly loss: number;
  /** Mean squared difference between output and observed picture. */
  readonly misfit: number;
  /** Milliseconds of the native step. */
  readonly milliseconds: number;
  /** PSNR of the output, in dB; with a reference. */
  readonly psnr?: number;
  /** PSNR of the averaged outputs, in dB; with a reference. */
  readonly averagePsnr?: number;
  /** The network's output. */
  readonly output: Image;
  /** The average of the outputs: what the run would return if it ended here. */
  readonly average: Image;
}

/** What a run ends with. */
export interface RunResult {
  /** The restored picture; alpha and bit depth are the observed picture's. */
  readonly image: Image;
  readonly stoppedBy: StopReason;
  readonly record: RunRecord;
}

/** A run: iterate over it to watch, or only await its result. */
export interface Run extends AsyncIterable<Step> {
  /** Resolves when the run has ended; leaving the iteration early ends the run. */
  readonly result: Promise<RunResult>;
}

/** Iterations between two states that a divergence can go back to. */
const KEEP_EVERY = 25;

/** Fallbacks after which a run gives up. */
const MOST_FALLBACKS = 8;

/**
 * Restores a degraded picture by fitting an untrained network to it.
 *
 * The picture is enlarged by reflection to a size that suits the network and cropped again; only its
 * own pixels enter the loss. The result is the exponential average of the outputs.
 *
 * A loss that is not finite, or leaps, sends the run back to its last good state with half the step
 * size; the record says so.
 *
 * @param problem What was observed, such as `denoising(image)`.
 * @param options Network, objective, iterations, seed.
 * @returns The run. It starts when it is iterated over, or its result is awaited.
 * @throws {RangeError} In the result: if an option is out of range.
 * @throws {MemoryError} In the result: if the picture is too large for the memory there is.
 *
 * @example Denoise a small picture for a few steps
 * ```ts
 * import { restore } from "./restore.ts";
 * import { denoising } from "../degradation/mod.ts";
 * import { createImage } from "../image/mod.ts";
 * import { decoder } from "../network/mod.ts";
 * import assert from "node:assert/strict";
 *
 * const noisy = createImage({ height: 32, width: 32, channels: 1 });
 * const run = restore(denoising(noisy), { network: decoder({ channels: 8 }), iterations: 3 });
 * for await (const step of run) assert.ok(step.loss > 0);
 * const { image, stoppedBy } = await run.result;
 * assert.equal(image.height, 32);
 * assert.equal(stoppedBy, "iterations");
 * ```
 */
export function restore(problem: Degradation, options: RestoreOptions = {}): Run {
  const result = Promise.withResolvers<RunResult>();
  // The error belongs to whoever iterates or awaits; nobody may.
  result.promise.catch(() => {});
  let started = false;
  const steps = iterations(problem, options, result, () => started = true);
  const drain = async () => {
    try {
      while (!(await steps.next()).done);
    } catch {
      // The result has been rejected with it.
    }
    // Without effect on a result that there is.
    result.reject(new Error("the run was ended before it began"));
  };
  return {
    [Symbol.asyncIterator]: () => steps,
    get result() {
      if (!started) drain();
      return result.promise;
    },
  };
}

async function* iterations(
  problem: Degradation,
  options: RestoreOptions,
  { resolve, reject }: PromiseWithResolvers<RunResult>,
  begun: () => void,
): AsyncGenerator<Step, void, void> {
  begun();
  const start = performance.now();
  let training: Training | undefined;
  try {
    const settings = settle(options);
    const { network, seed, reference, signal } = settings;
    const { observed } = problem;
    // A reference of another shape is an error now, not after the first step.
    if (reference) psnr(observed, reference);
    const objectiveOf = (problem: Degradation) =>
      makeObjective(problem, settings, derive(seed, "model"));
    checkMemory(problem, objectiveOf, settings.memoryLimit);
    training = await startTraining(objectiveOf(problem), {
      random: random(derive(seed, "iterations")),
      averaging: settings.averaging,
      threads: settings.threads,
      device: settings.device,
      memoryLimit: settings.memoryLimit,
    });
    const { step: { convolutions, compileMilliseconds, memory } } = training;
    const asImage = (data: Float32Array): Image => ({ ...observed, data });
    const series: Required<Series> = {
      loss: [],
      misfit: [],
      milliseconds: [],
      psnr: [],
      averagePsnr: [],
    };
    const events: RecordEvent[] = [];
    const watch = createWatch();
    let { learningRate } = settings, fallbacks = 0;
    let stop: StopReason | undefined, last: Iterate | undefined, iteration = 0;

    const finish = () => {
      const { loss, misfit, milliseconds } = series;
      const record: RunRecord = {
        version: RECORD_VERSION,
        task: problem.task,
        seed,
        picture: { height: observed.height, width: observed.width, channels: observed.channels },
        settings: {
          network: { name: network.name, ...network.settings },
          objective: settings.objective,
          noiseSigma: settings.noiseSigma === undefined
            ? null
            : { value: settings.noiseSigma, from: settings.noiseSigmaFrom },
          iterations: settings.iterations,
          learningRate: settings.learningRate,
          warmUp: settings.warmUp,
          inputNoise: settings.objective === "mse" ? settings.inputNoise : 0,
          averaging: settings.averaging,
          threads: settings.threads,
          device: settings.device,
        },
        versions: versions(),
        engine: { convolutions, compileMilliseconds, memory },
        series: reference ? series : { loss, misfit, milliseconds },
        events,
        stop: { reason: stop ?? "aborted", iteration },
        seconds: (performance.now() - start) / 1000,
      };
      const image = asImage(last ? last.average : observed.data);
      resolve({ image, stoppedBy: record.stop.reason, record });
    };

    try {
      await training.keep();
      while (!stop) {
        if (signal?.aborted) stop = "aborted";
        else if (iteration >= settings.iterations) stop = "iterations";
        if (stop) break;
        const iterate = await training.iterate(
          learningRate * Math.min(1, (iteration + 1) / (settings.warmUp + 1)),
        );
        iteration++;
        const problemSeen = watch.look(iterate);
        series.loss.push(finite(iterate.loss));
        series.misfit.push(finite(iterate.misfit));
        series.milliseconds.push(iterate.milliseconds);
        if (problemSeen) {
          fallbacks++;
          learningRate /= 2;
          const message = `${problemSeen}: back to the last good state, step size ${learningRate}`;
          events.push({ iteration, kind: "divergence", message });
          await training.restore();
          if (fallbacks > MOST_FALLBACKS) stop = "diverged";
        } else {
          last = iterate;
          if (iteration % KEEP_EVERY === 0) await training.keep();
        }
        const output = asImage(iterate.output), average = asImage(last?.average ?? observed.data);
        const measured = reference
          ? { psnr: psnr(output, reference), averagePsnr: psnr(average, reference) }
          : {};
        if (measured.psnr !== undefined) {
          series.psnr.push(finite(measured.psnr));
          series.averagePsnr.push(finite(measured.averagePsnr));
        }
        const { loss, misfit, milliseconds } = iterate;
        yield { iteration, loss, misfit, milliseconds, ...measured, output, average };
      }
    } catch (error) {
      reject(error);
      throw error;
    } finally {
      // Also when the consumer leaves early: the run then counts as aborted.
      finish();
    }
  } catch (error) {
    reject(error);
    throw error;
  } finally {
    training?.dispose();
  }
}
