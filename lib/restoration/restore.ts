// restore(): the one loop that every script, notebook and test uses.
import type { Degradation } from "../degradation/mod.ts";
import { availableMemory } from "../engine/mod.ts";
import { type Image, psnr } from "../image/mod.ts";
import { type Architecture, dip } from "../network/mod.ts";
import { derive, random } from "../random/mod.ts";
import { checkMemory } from "./check_memory.ts";
import { createWatch } from "./divergence.ts";
import type { Objective } from "./objective.ts";
import { priorObjective } from "./prior_objective.ts";
import {
  finite,
  RECORD_VERSION,
  type RecordEvent,
  type RunRecord,
  type Series,
  type StopReason,
  versions,
} from "./record.ts";
import { r2rObjective } from "./r2r_objective.ts";
import { sureObjective } from "./sure_objective.ts";
import { type Iterate, startTraining, type Training } from "./training.ts";

/** The objectives there are. */
export type ObjectiveName = "mse" | "sure" | "r2r";

/**
 * Iterations after which each objective has gained most of what it can in the time it takes; for a
 * picture of 512x512 about six minutes on two cores.
 */
export const DEFAULT_ITERATIONS: Readonly<Record<ObjectiveName, number>> = {
  r2r: 400,
  sure: 200,
  mse: 400,
};

/** Options of {@linkcode restore}. */
export interface RestoreOptions {
  /** @default {dip({ channels: [16, 32, 64, 128, 128], skipChannels: 16 })} */
  network?: Architecture;
  /**
   * What is minimised: the deep image prior's data term alone (`mse`), Stein's unbiased risk estimate
   * (`sure`), or its single-pass form, recorrupted-to-recorrupted (`r2r`). The latter two need
   * `noiseSigma`, and a network that can read a picture.
   * @default {"mse"}
   */
  objective?: ObjectiveName;
  /** Standard deviation of the picture's noise, in [0, 1]; what `sure` and `r2r` need. */
  noiseSigma?: number;
  /** Where `noiseSigma` comes from, for the record. @default {"given"} */
  noiseSigmaFrom?: "given" | "estimated";
  /** @default {DEFAULT_ITERATIONS of the objective} */
  iterations?: number;
  /** One seed for the network, its input and the noise: the same seed, machine and thread count give the same bytes. @default {0} */
  seed?: number;
  /** Adam's step size. @default {the network's with mse, else 0.02} */
  learningRate?: number;
  /** Standard deviation of the fresh noise added to the input at each iteration, with `mse`. @default {the network's} */
  inputNoise?: number;
  /**
   * How much of the average of the outputs is kept from one iteration to the next; 0 averages nothing.
   * @default {0.99 with mse, else 0.98}
   */
  averaging?: number;
  /** Threads of the native step. @default {navigator.hardwareConcurrency} */
  threads?: number;
  /** ONNX Runtime's execution provider. @default {"cpu"} */
  device?: string;
  /** Bytes that the run may take. @default {three quarters of the available memory} */
  memoryLimit?: number;
  /** The clean picture, where there is one: the record then has the PSNR. It does not change the run. */
  reference?: Image;
  /** Ends the run after the step in progress, with the best picture so far. */
  signal?: AbortSignal;
}

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
        const iterate = await training.iterate(learningRate);
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

/**
 * The step size for the risk estimates, twice DIP's: 400 iterations' gain in 250. There is no noise to be
 * learned too fast.
 */
const RISK_LEARNING_RATE = 0.02;

/** The default network: narrow where pixels are many, at a quarter of the cost of 128 channels everywhere. */
const defaultNetwork = () => dip({ channels: [16, 32, 64, 128, 128], skipChannels: 16 });

function settle(options: RestoreOptions) {
  const { network = defaultNetwork(), objective = "mse" } = options;
  const settings = {
    noiseSigmaFrom: "given" as const,
    iterations: DEFAULT_ITERATIONS[objective],
    seed: 0,
    learningRate: objective === "mse" ? network.learningRate : RISK_LEARNING_RATE,
    inputNoise: network.inputNoise,
    averaging: objective === "mse" ? 0.99 : 0.98,
    threads: navigator.hardwareConcurrency,
    device: "cpu",
    memoryLimit: availableMemory(),
    ...options,
    network,
    objective,
  };
  const within = (name: string, value: number, valid: boolean, what: string) => {
    if (!valid) throw new RangeError(`\`${name}\` must be ${what}, not ${value}`);
  };
  const { iterations, seed, learningRate, inputNoise, averaging, threads, noiseSigma } = settings;
  within(
    "iterations",
    iterations,
    Number.isInteger(iterations) && iterations >= 1,
    "a whole number from 1",
  );
  within("seed", seed, Number.isSafeInteger(seed) && seed >= 0, "a whole number from 0");
  within("learningRate", learningRate, learningRate > 0 && learningRate < Infinity, "above 0");
  within("inputNoise", inputNoise, inputNoise >= 0 && inputNoise < Infinity, "0 or above");
  within("averaging", averaging, averaging >= 0 && averaging < 1, "from 0 to below 1");
  within("threads", threads, Number.isInteger(threads) && threads >= 1, "a whole number from 1");
  if (objective !== "mse" && !(noiseSigma! > 0 && noiseSigma! <= 1)) {
    throw new RangeError(
      `\`noiseSigma\` must be above 0 and at most 1 for ${objective}, not ${noiseSigma}`,
    );
  }
  return settings;
}

function makeObjective(
  problem: Degradation,
  { objective, network, noiseSigma, inputNoise }: ReturnType<typeof settle>,
  seed: number,
): Objective {
  switch (objective) {
    case "mse":
      return priorObjective(problem, network, seed, inputNoise);
    case "sure":
      return sureObjective(problem, network, seed, noiseSigma!);
    case "r2r":
      return r2rObjective(problem, network, seed, noiseSigma!);
  }
}
