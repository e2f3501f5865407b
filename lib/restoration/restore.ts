// restore(): the one loop that every script, notebook and test uses.
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

/** One iteration, as the consumer of a run sees it; iteration 0 is the initial estimate of a guided run. */
export interface Step extends MeasuredIterate {
  /** What is minimised; the data term at iteration 0. */
  readonly loss: number;
  /** Milliseconds of the native step. */
  readonly milliseconds: number;
  /**
   * What the run would return if it ended here, before {@linkcode Degradation.finish}; the initial estimate or
   * the problem's start and 0 if no iteration was good yet.
   */
  readonly best: { readonly image: Image; readonly iteration: number };
}

/** What a run ends with. */
export interface RunResult {
  /** The restored picture; alpha and bit depth are those of the problem's start. */
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

/** Spectral norms and snapshots are taken at iterations that grow by this factor. */
const MILESTONES = 1.5;

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
 * With `checkpoint` the whole state is kept in a file every so often, and a run that was killed goes on from
 * there to the same bytes. A checkpoint that cannot be written is noted in the record's events.
 *
 * @param problem What was observed, such as `denoising(image)` or `inpainting(image, mask)`.
 * @param options Network, objective, iterations, seed.
 * @returns The run. It starts when it is iterated over, or its result is awaited.
 * @throws {RangeError} In the result: if an option is out of range.
 * @throws {TypeError} In the result: if there is no such option, or the problem is a picture alone.
 * @throws {MemoryError} In the result: if the picture is too large for the memory there is.
 * @throws {CheckpointError} In the result: if it cannot go on from the checkpoint there is.
 * @throws {FileError} In the result: if no checkpoint could be written there.
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
 * Makes a run of options that are resolved when it starts, so that mistakes in them are the result's.
 *
 * @param problem What was observed.
 * @param resolve Gives all options.
 * @returns The run.
 */
export function startRun(problem: Degradation, resolve: () => ResolvedOptions): Run {
  const result = Promise.withResolvers<RunResult>();
  // An error is thrown to the code that iterates or awaits; if there is none it is not to end the process.
  result.promise.catch(() => {});
  let started = false;
  const steps = iterations(problem, resolve, result, () => started = true);
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
  resolve: () => ResolvedOptions,
  result: PromiseWithResolvers<RunResult>,
  begun: () => void,
): AsyncGenerator<Step, void, void> {
  begun();
  const start = performance.now();
  let training: Training | undefined, ended: RunResult | undefined;
  try {
    const settings = resolve(), { signal } = settings;
    // A reference of another shape is an error now, not after the first step.
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
      // A guided run maps what its network reads itself.
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
    // Only now: who awaits the result finds everything freed. Without effect after an error.
    if (ended) result.resolve(ended);
  }
}

/** The part of the step size that an iteration takes: it grows at first; a guided run's falls to 0 (cosine). */
function scheduleAt(iteration: number, { warmUp, iterations, objective }: ResolvedOptions): number {
  const rising = Math.min(1, (iteration + 1) / (warmUp + 1));
  return objective === "guided"
    ? rising * (1 + Math.cos(Math.PI * iteration / iterations)) / 2
    : rising;
}

const messageOf = (error: unknown) => error instanceof Error ? error.message : String(error);

/** How a run begins. */
interface Beginning {
  /** Sets the training up. */
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
    // An error is thrown where this is awaited, which does not happen if the run has ended meanwhile.
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
      // The run is worth more than its checkpoint.
      recorder.event({ iteration, kind: "checkpoint", message: messageOf(error) });
    }
  };
  // A rule without a state that can be kept is an error now, not at the first checkpoint.
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
      // It is large.
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
      const trouble = divergence.look(iterate);
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
        steered?.see(iterate.misfit);
      }
      if (isMilestone) milestone = Math.ceil(MILESTONES * milestone);
      const model = isMilestone ? training.network?.model() : undefined;
      const trained = checkpoints?.isDue(iteration) ? training.state() : undefined;
      // An error is thrown where this is awaited, which does not happen if the run has failed meanwhile.
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
    // What there is so far is worth more than the error: it is the result, the record says why.
    const isUnfit = training !== undefined && checkpoints?.saved !== undefined;
    if (isUnfit || (best().iteration === 0 && !guide)) throw error;
    stop = signal?.aborted ? "aborted" : "failed";
    if (!signal?.aborted) {
      recorder.event({ iteration, kind: "failure", message: messageOf(error) });
    }
  } finally {
    // Also when the consumer leaves early: the run then counts as aborted.
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
