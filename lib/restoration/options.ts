// The options of a run and their documentation.
import type { Image } from "../image/mod.ts";
import type { Architecture } from "../network/mod.ts";
import type { NoiseModel } from "../noise/mod.ts";
import type { DecisionMode, StoppingRule } from "../stopping/mod.ts";
import type { ObjectiveName, Quality } from "./defaults.ts";
import type { InputName } from "./objective.ts";

/**
 * Where and how often a run's whole state is kept, and whether the run is resumed from there.
 *
 * @example Resume a run that was left early, as if it had not been interrupted
 * ```ts
 * import { createImage } from "../image/mod.ts";
 * import { denoising } from "../degradation/mod.ts";
 * import { decoder } from "../network/mod.ts";
 * import { restore } from "./restore.ts";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const problem = denoising(createImage({ height: 16, width: 16, channels: 1 }));
 * const checkpoint = { file: `${folder}/run.checkpoint`, every: 2, resume: true };
 * const options = { network: decoder({ channels: 4, scales: 2 }), iterations: 6, checkpoint };
 * for await (const { iteration } of restore(problem, options)) if (iteration === 5) break;
 *
 * const run = restore(problem, options), made: number[] = [];
 * for await (const { iteration } of run) made.push(iteration);
 * assert.deepEqual(made, [5, 6]);
 * assert.equal((await run.result).record.series.loss.length, 6);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export interface CheckpointOptions {
  /** The file. It is replaced as a whole, and stays after the run has ended. */
  file: string;
  /** Iterations between two checkpoints. @default {25} */
  every?: number;
  /**
   * Whether the run is resumed from the file, if it exists. It then gives the same bytes and, except for times, the
   * same record as an uninterrupted run. Problem, options, program and machine must be the same; only `signal`,
   * `memoryLimit` and `checkpoint` may differ. If `resume` is false, an older file is replaced.
   * @default {false}
   */
  resume?: boolean;
}

/** Options of {@linkcode restore}. */
export interface RestoreOptions {
  /** @default {dip({ channels: [16, 32, 64, 128, 128], skipChannels: 16 })} */
  network?: Architecture;
  /**
   * The loss: the deep image prior's data term alone (`mse`), Stein's unbiased risk estimate (`sure`), its
   * single-pass form recorrupted-to-recorrupted (`r2r`), or that form with a non-local estimate that the network
   * corrects (`guided`). The last three are for white Gaussian noise; they need its level and a network that can read
   * a picture. `plug-and-play` has no network: NL-Ridge alternates with the problem's data step.
   * @default {"guided" for white noise, if the network can correct a picture, as dip can; "plug-and-play" where the
   * problem has a data step and no option of a network is given; else "mse"}
   */
  objective?: ObjectiveName;
  /**
   * How much work a guided or plug-and-play run does: `fast` takes seconds (a guided run then returns its initial
   * estimate), `balanced` about a minute for 512x512 on two cores, `best` five.
   * @default {"balanced"}
   */
  quality?: Quality;
  /**
   * Recorrupted copies of the picture on which a guided run is trained, each with its own estimate.
   * @default {the quality's}
   */
  draws?: number;
  /**
   * Standard deviation of the picture's noise, in [0, 1]; `sure`, `r2r`, `guided` and some rules need it.
   * @default {estimated from the picture, if it is needed}
   */
  noiseSigma?: number;
  /**
   * A model of the picture's noise, if more than a standard deviation is known. If the noise is not white, a guided
   * run returns its initial estimate, which uses the model.
   * @default {estimated from the picture, if it is needed}
   */
  noise?: NoiseModel;
  /**
   * The most iterations; a stopping rule may end the run sooner.
   * @default {the problem's, else the quality's of a guided run, else that of DEFAULTS}
   */
  iterations?: number;
  /**
   * Stopping rules. The result is the best picture by the rule that decides; the record says where each rule would
   * have stopped.
   * @default {held-out pixels with mse where the problem allows it, else the number of iterations alone}
   */
  stop?: readonly StoppingRule[];
  /** Which rule decides: the first, or a majority (`"vote"`). @default {"first"} */
  decision?: DecisionMode;
  /**
   * Whether H, blurriness, sharpness and, with a reference, the error decomposition are measured at every iteration,
   * for the steps and the record. It does not change the run.
   * @default {true, but for a guided run without `snapshots`}
   */
  measure?: boolean;
  /** Whether the record holds small pictures of the output and its spectrum at some iterations. @default {false} */
  snapshots?: boolean;
  /** One seed for the network, its input and the noise: the same seed, machine and thread count give the same bytes. @default {0} */
  seed?: number;
  /** Adam's step size. @default {the network's with mse and random input, else that of DEFAULTS} */
  learningRate?: number;
  /** Iterations over which the step size grows to its value. @default {0 with mse, else 20} */
  warmUp?: number;
  /**
   * Adapts the network's Lipschitz bound λ by the discrepancy principle, beginning with this value: the output should
   * differ from the observed picture by as much as the noise does. For networks with a bound, which it replaces, and
   * `mse`.
   * @default {the network's λ is constant}
   */
  steerFrom?: number;
  /**
   * The network's input, with `mse`: `random` numbers, or the problem's initial estimate (`start`). The latter needs
   * a network that can read a picture, and suits problems whose initial estimate is not noisy.
   * @default {"start" where the problem has a data step and the network can read a picture, else "random"}
   */
  input?: InputName;
  /**
   * Standard deviation of the fresh noise added to the input at each iteration, with `mse`.
   * @default {the network's, or the problem's where the input is the initial estimate}
   */
  inputNoise?: number;
  /**
   * The weight of the old average in the exponential average of the outputs; 0 averages nothing.
   * @default {0.99 with mse, 0.97 where the input is the initial estimate, else 0.98; less where the problem has few
   * iterations of its own}
   */
  averaging?: number;
  /** Threads of the native step. @default {navigator.hardwareConcurrency} */
  threads?: number;
  /** ONNX Runtime's execution provider. @default {"cpu"} */
  device?: string;
  /** Bytes that the run may take. @default {three quarters of the available memory} */
  memoryLimit?: number;
  /** The clean picture, if it is known: the record then has the PSNR. It does not change the run. */
  reference?: Image;
  /** Ends the run after the step in progress, with the best picture so far. */
  signal?: AbortSignal;
  /**
   * Keeps the whole state in a file, so that a run that was killed can be resumed. It does not change the run.
   * @default {no checkpoints}
   */
  checkpoint?: CheckpointOptions;
}
