// restore(): the loop of every run.
import type { Degradation } from "../degradation/mod.ts";
import { type Image, meanSquaredError, psnr } from "../image/mod.ts";
import { derive, random } from "../random/mod.ts";
import { createRuleSet } from "../stopping/mod.ts";
import { checkMemory } from "./check_memory.ts";
import { type Checkpoints, openCheckpoints } from "./checkpoint.ts";
import { finalPicture } from "./final_picture.ts";
import { createDivergenceDetector } from "./divergence_detector.ts";
import { type GuidedInputs, makeDraws, nonlocalEstimate } from "./guide.ts";
import { trainingPixels } from "./mixture.ts";
import { createMonitor, type MeasuredIterate } from "./monitor.ts";
import type { RestoreOptions } from "./options.ts";
import { plugAndPlay } from "./plug_and_play.ts";
import { makeObjective } from "./make_objective.ts";
import { type ResolvedOptions, resolveOptions } from "./resolve_options.ts";
import { hasQuality } from "./defaults.ts";
import type { RunRecord, StopReason } from "./record.ts";
import { createRecorder } from "./recorder.ts";
import { type Observers, restoreStates, statesOf } from "./run_state.ts";
import { createSnapshotTaker } from "./snapshots.ts";
import { steering } from "./steering.ts";
import { type Iterate, startTraining, type Training, type TrainingState } from "./training.ts";
import { normalizeProblem } from "./normalize_problem.ts";

/** One iteration of a run; iteration 0 is the initial estimate of a guided run. */
export interface Step extends MeasuredIterate {
  /** The loss; at iteration 0 the data term. */
  readonly loss: number;
  /** Milliseconds of the native step. */
  readonly milliseconds: number;
  /**
   * The result if the run ended here, before {@linkcode Degradation.finish}; if no iteration was good yet, the
   * initial estimate with iteration 0.
   */
  readonly best: { readonly image: Image; readonly iteration: number };
}

/** The result of a run. */
export interface RunResult {
  /** The restored picture; alpha and bit depth are those of the problem's initial estimate. */
  readonly image: Image;
  readonly stoppedBy: StopReason;
  readonly record: RunRecord;
}

/** A run: iterate over it to observe each step, or only await its result. */
export interface Run extends AsyncIterable<Step> {
  /** Resolves when the run has ended. Leaving the iteration early ends the run. */
  readonly result: Promise<RunResult>;
}

/** Iterations between two states to which a divergence can return. */
const KEEP_EVERY = 25;

/** Spectral norms and snapshots are taken at iterations that grow by this factor. */
const MILESTONES = 1.5;

/** Returns to an earlier state after which a run gives up. */
const MOST_FALLBACKS = 8;

/**
 * Restores a degraded picture by fitting an untrained network to it.
 *
 * The picture is padded by reflection to a size that suits the network and cropped again; only its own pixels enter
 * the loss. The result is the exponential average of the outputs.
 *
 * If the loss is not finite, or the data term jumps, the run returns to its last good state with half the step size;
 * the record says so.
 *
 * With `checkpoint` the whole state is written to a file at intervals, and a run that was killed can be resumed from
 * it to the same bytes. If a checkpoint cannot be written, the record's events say so.
 *
 * @param problem The problem, such as `denoising(image)` or `inpainting(image, mask)`.
 * @param options Network, objective, iterations, seed.
 * @returns The run. It starts when it is iterated over or its result is awaited.
 * @throws {RangeError} By the result: if an option is out of range.
 * @throws {TypeError} By the result: if an option does not exist, or `problem` is a picture.
 * @throws {MemoryError} By the result: if the picture is too large for the available memory.
 * @throws {CheckpointError} By the result: if the run cannot be resumed from its checkpoint.
 * @throws {FileError} By the result: if no checkpoint could be written.
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
export const restore = (problem: Degradation, options: RestoreOptions = {}): Run =>
  startRun(problem, () => resolveOptions(problem, options));

/**
 * Makes a run whose options are resolved when it starts, so that mistakes in them reject its result.
 *
 * @param problem The problem.
 * @param resolve Returns all options.
 * @returns The run.
 */
export function startRun(problem: Degradation, resolve: () => ResolvedOptions): Run {
  const result = Promise.withResolvers<RunResult>();
  // The error is thrown to the code that iterates or awaits. If there is none, it must not end the process.
  result.promise.catch(() => {});
  let started = false;
  const steps = iterations(problem, resolve, result, () => started = true);
  const drain = async () => {
    try {
      while (!(await steps.next()).done);
    } catch {
      // The result has been rejected with this error.
    }
    // This has no effect if the result is settled.
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
  resolve: () => ResolvedOptions,
  result: PromiseWithResolvers<RunResult>,
  begun: () => void,
): AsyncGenerator<Step, void, void> {
  begun();
  const start = performance.now();
  let training: Training | undefined, ended: RunResult | undefined;
  try {
    const settings = resolve(), { signal } = settings;
    // Compare the shapes now, so that a wrong reference is an error before the first step.
    if (settings.reference) psnr(problem.initialEstimate, settings.reference);
    const isGuided = settings.objective === "guided";
    const isPlugAndPlay = settings.objective === "plug-and-play";
    if (!hasQuality(settings.objective)) {
      checkMemory(problem, (problem) => makeObjective(problem, settings), settings.memoryLimit);
    }
    const checkpoints = await openCheckpoints(problem, settings);
    const convolutions = checkpoints?.saved?.convolutions;
    const noise = () => {
      const { sigma, isNone, model, isWhite } = settings.noise;
      return {
        sigma: isNone ? 0 : sigma,
        ...isWhite ? {} : { model },
        signal,
        workers: settings.threads,
      };
    };
    const guide = isGuided ? await nonlocalEstimate(problem, noise()) : undefined;
    const seconds = (performance.now() - start) / 1000;
    const begin = async () => {
      if (isPlugAndPlay) {
        training = plugAndPlay(problem, settings);
        return { training, guided: undefined };
      }
      const guided = guide && {
        ...guide,
        draws: await makeDraws(problem, settings.draws, derive(settings.seed, "draws"), noise()),
        learned: trainingPixels(problem.observed, derive(settings.seed, "apart")),
      };
      // A guided run normalizes the input of its network itself.
      const mapped = isGuided ? undefined : normalizeProblem(problem, settings);
      const objective = makeObjective(
        mapped?.problem ?? problem,
        mapped?.settings ?? settings,
        guided,
      );
      const trained = await startTraining(objective, {
        random: random(derive(settings.seed, "iterations")),
        averaging: settings.averaging,
        steered: settings.steerFrom !== undefined,
        threads: settings.threads,
        device: settings.device,
        memoryLimit: settings.memoryLimit,
        ...convolutions ? { convolutions } : {},
      });
      training = mapped?.training(trained) ?? trained;
      return { training, guided };
    };
    const begun = { begin, guide: guide && { image: guide.shown(guide.estimate), seconds }, start };
    yield* loop(problem, settings, begun, checkpoints, (result) => ended = result);
  } catch (error) {
    result.reject(error);
    throw error;
  } finally {
    await training?.dispose();
    // Resolve only now, when everything has been freed. This has no effect after an error.
    if (ended) result.resolve(ended);
  }
}

/**
 * The part of the step size that an iteration uses: it grows during the warm-up; in a guided run it then falls to 0
 * (cosine).
 */
function scheduleAt(iteration: number, { warmUp, iterations, objective }: ResolvedOptions): number {
  const rising = Math.min(1, (iteration + 1) / (warmUp + 1));
  return objective === "guided"
    ? rising * (1 + Math.cos(Math.PI * iteration / iterations)) / 2
    : rising;
}

const messageOf = (error: unknown) => error instanceof Error ? error.message : String(error);

/** The beginning of a run. */
interface Beginning {
  /** Prepares the training. */
  begin(): Promise<{ training: Training; guided: GuidedInputs | undefined }>;
  /** The initial estimate of a guided run, and the seconds that it took. */
  readonly guide: { readonly image: Image; readonly seconds: number } | undefined;
  /** The time at which the run began. */
  readonly start: number;
}

async function* loop(
  problem: Degradation,
  settings: ResolvedOptions,
  { begin, guide, start }: Beginning,
  checkpoints: Checkpoints | undefined,
  end: (result: RunResult) => void,
): AsyncGenerator<Step, void, void> {
  const { observed } = problem, initial = guide?.image ?? problem.initialEstimate;
  const { signal } = settings;
  const measure = createMonitor(problem.initialEstimate, settings.reference);
  const recorder = createRecorder(problem, settings);
  const ruleSet = createRuleSet<Image>(settings.stop, {
    observed,
    iterations: settings.iterations,
    seed: derive(settings.seed, "stopping"),
    get noiseSigma() {
      return settings.noise.sigma;
    },
  }, settings.decision);
  const snapshots = settings.snapshots
    ? createSnapshotTaker(initial, settings.reference)
    : undefined;
  const steered = settings.steerFrom === undefined
    ? undefined
    : steering(settings.steerFrom, settings.noise.sigma);
  const divergence = createDivergenceDetector();
  let { learningRate } = settings, fallbacks = 0, iteration = 0, milestone = 1, secondsBefore = 0;
  let stop: StopReason | undefined, running: Promise<Iterate> | undefined;
  let training: Training | undefined, guided: GuidedInputs | undefined;
  let outcome: Awaited<ReturnType<typeof finalPicture>> | undefined;

  const launch = (training: Training) => {
    const rate = learningRate * scheduleAt(iteration, settings);
    running = training.iterate(rate, steered?.lambda);
    // An error is thrown where this promise is awaited, which may not happen if the run ends first.
    running.catch(() => {});
    return running;
  };
  const best = () => {
    const chosen = ruleSet.best();
    return { image: chosen?.candidate ?? initial, iteration: chosen?.iteration ?? 0 };
  };
  const finished = (image: Image) => problem.finish?.(image) ?? image;
  const observers: Observers = { divergence, ruleSet, recorder, steering: steered, snapshots };
  const seconds = () => secondsBefore + (performance.now() - start) / 1000;
  const checkpoint = async (trained: Promise<TrainingState>) => {
    const progress = {
      iteration,
      milestone,
      learningRate,
      fallbacks,
      stop: stop ?? null,
      seconds: seconds(),
    };
    const { convolutions } = training!.network?.step ?? { convolutions: null };
    try {
      const observed = statesOf(observers);
      await checkpoints!.write({
        progress,
        observers: observed,
        training: await trained,
        convolutions,
      });
    } catch (error) {
      // The run goes on without the checkpoint.
      recorder.event({ iteration, kind: "checkpoint", message: messageOf(error) });
    }
  };
  // A rule without a state must be an error now, not at the first checkpoint.
  if (checkpoints) statesOf(observers);
  const isResumed = checkpoints?.saved !== undefined;
  if (checkpoints?.saved) {
    const { progress } = checkpoints.saved;
    ({ iteration, milestone, learningRate, fallbacks, seconds: secondsBefore } = progress);
    stop = progress.stop ?? undefined;
    restoreStates(observers, checkpoints.saved.observers);
  }
  try {
    if (guide && !isResumed) {
      const { data } = guide.image, misfit = meanSquaredError(guide.image, observed);
      const estimate = { loss: misfit, misfit, output: data, average: data, milliseconds: 0 };
      yield Object.assign(measure(iteration, estimate, data), {
        loss: misfit,
        milliseconds: 1000 * guide.seconds,
        best: best(),
      });
    }
    const isTrained = settings.iterations > 0 && !(guide && settings.noise.isNone);
    if (!isTrained) stop = signal?.aborted ? "aborted" : "iterations";
    else ({ training, guided } = await begin());
    if (training && checkpoints?.saved) {
      await training.restoreState(checkpoints.saved.training);
      // The saved state is large.
      delete checkpoints.saved;
    }
    if (training && !isResumed) {
      if (training.network) recorder.norms(0, await training.network.model(), steered?.lambda);
      await training.keep();
    }
    while (training && !stop) {
      if (signal?.aborted) stop = "aborted";
      else if (iteration >= settings.iterations) stop = "iterations";
      if (stop) break;
      const lambda = steered?.lambda;
      const iterate = await (running ?? launch(training));
      running = undefined;
      iteration++;
      const trouble = divergence.check(iterate);
      const isMilestone = iteration === milestone || iteration === settings.iterations;
      if (trouble) {
        fallbacks++;
        learningRate /= 2;
        const message = `${trouble}: back to the last good state, step size ${learningRate}`;
        recorder.event({ iteration, kind: "divergence", message });
        await training.restore();
        if (fallbacks > MOST_FALLBACKS) stop = "diverged";
      } else {
        if (iteration % KEEP_EVERY === 0) await training.keep();
        steered?.update(iterate.misfit);
      }
      if (isMilestone) milestone = Math.ceil(MILESTONES * milestone);
      const model = isMilestone ? training.network?.model() : undefined;
      const trained = checkpoints?.isDue(iteration) ? training.state() : undefined;
      // An error is thrown where this promise is awaited, which may not happen if the run fails first.
      trained?.catch(() => {});
      // The next step runs while this one is measured and shown.
      if (!stop && iteration < settings.iterations && !signal?.aborted) launch(training);
      const measured = measure(iteration, iterate, trouble ? best().image.data : iterate.average);
      let criteria: readonly number[] = [];
      if (!trouble) {
        const { values, decided } = ruleSet.observe(measured, measured.average);
        criteria = values;
        if (decided) stop = iteration < settings.iterations ? "rule" : "iterations";
      }
      recorder.iteration(iterate, measured, criteria, lambda);
      if (model) recorder.norms(iteration, await model, steered?.lambda);
      if (isMilestone && !trouble) snapshots?.take(iteration, measured.output);
      if (trained) await checkpoint(trained);
      const { loss, milliseconds } = iterate;
      yield Object.assign(measured, { loss, milliseconds, best: best() });
    }
    if (guided && training?.network && best().iteration > 0 && stop !== "aborted") {
      outcome = await finalPicture(
        problem,
        guided,
        await training.network.averagedWeights(),
        settings,
      );
    }
  } catch (error) {
    // Keep the best picture so far: it becomes the result, and the record holds the error.
    const isUnfit = training !== undefined && checkpoints?.saved !== undefined;
    if (isUnfit || (best().iteration === 0 && !guide)) throw error;
    stop = signal?.aborted ? "aborted" : "failed";
    if (!signal?.aborted) {
      recorder.event({ iteration, kind: "failure", message: messageOf(error) });
    }
  } finally {
    // This also runs if the consumer leaves the iteration early; the run then counts as aborted.
    const { image: base, iteration: chosen } = best();
    const image = chosen > 0 || guide ? finished(outcome?.image ?? base) : base;
    const rule = ruleSet.best()?.rule ?? settings.stop[0]!.name;
    const reason = stop ?? "aborted";
    const record = recorder.finish(
      training?.network?.step,
      { reason, iteration, best: chosen, rule },
      ruleSet.reports(),
      seconds(),
      await snapshots?.finish(image),
      guide && {
        seconds: guide.seconds,
        draws: training ? settings.draws : 0,
        ...outcome && { mixture: outcome.mixture },
      },
    );
    end({ image, stoppedBy: reason, record });
  }
}
