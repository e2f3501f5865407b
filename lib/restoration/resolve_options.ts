// Completes the options of a run with their defaults, and checks them.
import { check, checkNotNegative, checkPositive, checkWholeNumber } from "../check.ts";
import type { Degradation } from "../degradation/mod.ts";
import { availableMemory } from "../engine/mod.ts";
import { type Architecture, dip } from "../network/mod.ts";
import { fixedBudget, heldOutPixels, type StoppingRule } from "../stopping/mod.ts";
import { checkArguments } from "./check_arguments.ts";
import {
  defaultDraws,
  DEFAULTS,
  hasQuality,
  isRiskEstimate,
  type ObjectiveName,
  trainingDefaults,
} from "./defaults.ts";
import { noiseLevel } from "./noise_level.ts";
import { knownPixels } from "./make_objective.ts";
import type { InputName } from "./objective.ts";
import type { RestoreOptions } from "./options.ts";

/**
 * The stopping rules of options that give none. With mse, which learns the noise in the end, it is held-out pixels,
 * the rule that loses least in `bench stopping`, if pixels can be held out of the loss and of the network's input. A
 * risk estimate, or a problem with its own number of iterations, only needs a budget.
 */
const defaultRules = (
  { isSamplewise, iterations }: Degradation,
  objective: ObjectiveName,
  input: InputName,
): StoppingRule[] => {
  const isJudged = objective === "mse" && input === "random" && isSamplewise &&
    iterations === undefined;
  return [isJudged ? heldOutPixels() : fixedBudget()];
};

const defaultNetwork = () =>
  dip({ channels: DEFAULTS.channels, skipChannels: DEFAULTS.skipChannels });

/** Options of runs that train a network. */
const OF_A_NETWORK = [
  "network",
  "input",
  "inputNoise",
  "learningRate",
  "warmUp",
  "averaging",
  "steerFrom",
  "stop",
] as const;

/** The objective of options that name none; the command line uses it too. */
function defaultObjective(
  problem: Degradation,
  network: Architecture,
  options: RestoreOptions,
): ObjectiveName {
  if (problem.isWhite) return network.buildCorrector ? "guided" : "mse";
  const isNetworkAskedFor = OF_A_NETWORK.some((name) => options[name] !== undefined);
  return problem.dataStep && !isNetworkAskedFor ? "plug-and-play" : "mse";
}

/** All options of a run. */
export type ResolvedOptions = ReturnType<typeof resolveOptions>;

/**
 * Completes options with their defaults and checks them.
 *
 * @param problem The problem.
 * @param options The options given.
 * @returns All options.
 * @throws {RangeError} If an option is out of range.
 * @throws {TypeError} If an option does not exist, or `problem` is not a degradation.
 */
export function resolveOptions(problem: Degradation, options: RestoreOptions) {
  checkArguments(problem, options);
  const { network = defaultNetwork(), quality = DEFAULTS.quality } = options;
  const { objective = defaultObjective(problem, network, options) } = options;
  const isGivenStart = objective === "mse" && problem.dataStep && network.buildFromImage;
  const { input = isGivenStart ? "start" : "random" } = options;
  if (options.noise) {
    if (options.noiseSigma !== undefined) {
      throw new RangeError("`noise` and `noiseSigma` do not go together");
    }
    const { channels } = problem.observed;
    if (options.noise.channels !== channels) {
      throw new RangeError(
        `\`noise.channels\` must be the picture's, ${channels}, not ${options.noise.channels}`,
      );
    }
  }
  const { height, width } = problem.observed;
  const settings = {
    ...trainingDefaults(problem, { network, objective, input, quality }),
    decision: "first" as const,
    // Measuring the whole picture would take almost as long as a step of a guided run.
    measure: objective !== "guided" || options.snapshots === true,
    snapshots: false,
    seed: 0,
    threads: navigator.hardwareConcurrency,
    device: "cpu",
    memoryLimit: availableMemory(),
    ...options,
    network,
    objective,
    input,
    quality,
    draws: options.draws ?? defaultDraws(quality, height * width),
    stop: options.stop?.length ? options.stop : defaultRules(problem, objective, input),
    noise: noiseLevel(
      problem.observed,
      options.noise ?? options.noiseSigma,
      problem.quantization,
    ),
    checkpoint: options.checkpoint &&
      { every: DEFAULTS.checkpointEvery, resume: false, ...options.checkpoint },
  };
  const { iterations, seed, learningRate, inputNoise, averaging, threads, noise } = settings;
  checkWholeNumber("iterations", iterations, objective === "guided" ? 0 : 1);
  check(Number.isSafeInteger(seed) && seed >= 0, "seed", seed, "a whole number from 0");
  checkPositive("learningRate", learningRate);
  checkNotNegative("warmUp", settings.warmUp);
  checkNotNegative("inputNoise", inputNoise);
  check(averaging >= 0 && averaging < 1, "averaging", averaging, "a number from 0 to below 1");
  checkWholeNumber("threads", threads, 1);
  if (options.draws !== undefined) checkWholeNumber("draws", options.draws, 1);
  const every = settings.checkpoint?.every;
  if (every !== undefined) checkWholeNumber("every", every, 1);
  const { noiseSigma: sigma, steerFrom } = options;
  if (steerFrom !== undefined) {
    checkPositive("steerFrom", steerFrom);
    if (!network.settings["lipschitz"] || objective !== "mse") {
      throw new RangeError("`steerFrom` needs a network with a Lipschitz bound, and mse");
    }
  }
  const comparing = steerFrom !== undefined
    ? "`steerFrom` compares"
    : settings.stop.filter(({ needsSquares }) => needsSquares)
      .map(({ name }) => `\`stop\` has ${name}, which compares`)[0];
  if (comparing !== undefined && problem.isSquared === false) {
    throw new RangeError(
      `${comparing} the data term with the noise's variance σ²: that of this ${problem.task} is no squared error`,
    );
  }
  if (sigma !== undefined) {
    check(sigma > 0 && sigma <= 1, "noiseSigma", sigma, "above 0, at most 1");
  }
  const judge = settings.stop.find(({ heldOut }) => heldOut !== undefined);
  if (judge && objective === "mse" && input === "start") {
    throw new RangeError(
      `\`stop\` has ${judge.name}, but with \`input\` start the network reads every pixel`,
    );
  }
  if (judge && !problem.isSamplewise) {
    throw new RangeError(
      `\`stop\` has ${judge.name}, but no pixel can be held out in ${problem.task}`,
    );
  }
  if (judge && knownPixels(problem) < 2) {
    throw new RangeError(`\`stop\` has ${judge.name}, but one pixel alone is known`);
  }
  const isPlugAndPlay = objective === "plug-and-play";
  if (options.quality !== undefined && !hasQuality(objective)) {
    throw new RangeError(
      `\`quality\` goes with the guided objective and plug-and-play, not ${objective}`,
    );
  }
  if (isPlugAndPlay && !problem.dataStep) {
    throw new RangeError(`\`objective\` plug-and-play has no data step for ${problem.task}`);
  }
  const asked = isPlugAndPlay && OF_A_NETWORK.find((name) => options[name] !== undefined);
  if (asked) throw new RangeError(`\`${asked}\` is of a network: plug-and-play has none`);
  if (objective === "guided" && quality === "fast" && iterations > 0) {
    throw new RangeError(
      `\`iterations\` must be 0 with quality fast, which trains no network, not ${iterations}`,
    );
  }
  if (objective === "guided" && options.stop?.some(({ name }) => name !== fixedBudget().name)) {
    throw new RangeError("`stop` goes with mse, sure and r2r: a guided run needs no stopping rule");
  }
  if (objective === "guided" && !network.buildCorrector) {
    throw new RangeError(
      `\`network\` ${network.name} cannot correct a picture, which the guided objective needs: take dip, or mse`,
    );
  }
  if (objective !== "mse" && !isPlugAndPlay) {
    if (!problem.isWhite) {
      throw new RangeError(
        `\`objective\` ${objective} is for white Gaussian noise on the whole picture alone: take mse`,
      );
    }
    if (judge) {
      throw new RangeError(
        `\`stop\` has ${judge.name}, which needs the mse objective: with ${objective} the network reads every pixel`,
      );
    }
  }
  // R2R with an estimated covariance loses up to 1.8 dB on real noise, so the initial estimate is the result.
  if (objective === "guided" && !noise.isWhite) return { ...settings, iterations: 0, draws: 0 };
  // A picture without noise is returned as it is.
  if (isRiskEstimate(objective) && !(noise.sigma > 0)) return { ...settings, iterations: 0 };
  return settings;
}
