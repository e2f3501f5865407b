// The options of a run and their documentation.
import type { Image } from "../image/mod.ts";
import type { Architecture } from "../network/mod.ts";
import type { NoiseModel } from "../noise/mod.ts";
import type { DecisionMode, StoppingRule } from "../stopping/mod.ts";
import type { ObjectiveName, Quality } from "./defaults.ts";
import type { InputName } from "./objective.ts";

/**
 * Where and how often a run's whole state is kept, and whether it goes on from there.
 *
 * @example Go on with a run that was left, as if it never had been
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
  /** The file. It is replaced as a whole, and stays when the run has ended. */
  file: string;
  /** Iterations between two checkpoints. @default {25} */
  every?: number;
  /**
   * Whether the run goes on from the file, if there is one: it then gives the bytes and, but for times, the
   * record that it would have given uninterrupted. Problem, options, project and machine must be the same;
   * only `signal`, `memoryLimit` and `checkpoint` may differ. Otherwise an older file is replaced.
   * @default {false}
   */
  resume?: boolean;
}

/** Options of {@linkcode restore}. */
export interface RestoreOptions {
  /** @default {dip({ channels: [16, 32, 64, 128, 128], skipChannels: 16 })} */
  network?: Architecture;
  /**
   * What is minimised: the deep image prior's data term alone (`mse`), Stein's unbiased risk estimate
   * (`sure`), its single-pass form, recorrupted-to-recorrupted (`r2r`), or that form with a non-local
   * estimate which the network only corrects (`guided`). The latter three are for white Gaussian noise; they
   * need its level, and a network that can read a picture. `plug-and-play` has no network: NL-Ridge takes
   * turns with the problem's data step.
   * @default {"guided" for white noise, if the network can correct a picture, as dip can; "plug-and-play" where the problem has a data step and no option of a network is given; else "mse"}
   */
  objective?: ObjectiveName;
  /**
   * How far a run goes that is guided or plug-and-play: `fast` takes seconds (of a guided run it is the initial
   * estimate alone), `balanced` about a minute for 512x512 on two cores, `best` five.
   * @default {"balanced"}
   */
  quality?: Quality;
  /** Recorrupted copies of the picture that a guided run learns from, each with an estimate of its own. @default {the quality's} */
  draws?: number;
  /**
   * Standard deviation of the picture's noise, in [0, 1]; what `sure`, `r2r` and some rules need.
   * @default {estimated from the picture, if it is needed}
   */
  noiseSigma?: number;
  /**
   * The picture's noise, where more is known of it than a standard deviation. A guided run on noise that is not
   * white ends with the initial estimate, which is told the noise.
   * @default {estimated from the picture, if it is needed}
   */
  noise?: NoiseModel;
  /**
   * The most iterations; a stopping rule may end the run sooner.
   * @default {the problem's, else the quality's of a guided run, else that of DEFAULTS}
   */
  iterations?: number;
  /**
   * Rules that watch the run. The result is the best picture by the rule that decides; the record
   * says of each where it would have stopped.
   * @default {held-out pixels with mse where the problem allows it, else the number of iterations alone}
   */
  stop?: readonly StoppingRule[];
  /** Who decides: the first rule, or more than half of them. @default {"first"} */
  decision?: DecisionMode;
  /**
   * Whether H, blurriness, sharpness and, with a reference, the account of the error are measured at
   * every iteration, for the steps and the record. It does not change the run. @default {true, but for a guided run without `snapshots`}
   */
  measure?: boolean;
  /** Whether the record holds small pictures of the output and its spectrum in the course of the run. @default {false} */
  snapshots?: boolean;
  /** One seed for the network, its input and the noise: the same seed, machine and thread count give the same bytes. @default {0} */
  seed?: number;
  /** Adam's step size. @default {the network's with mse and random input, else that of DEFAULTS} */
  learningRate?: number;
  /** Iterations over which the step size grows to its value. @default {0 with mse, else 20} */
  warmUp?: number;
  /**
   * Steers the network's Lipschitz bound λ by the discrepancy principle, from this value on: the output
   * should differ from the observed picture by as much as the noise does. For networks with a bound of
   * their own, which it replaces, and `mse`. @default {the network's λ is left as it is}
   */
  steerFrom?: number;
  /**
   * What the network is given, with `mse`: `start` needs a network that can read a picture, and is for
   * problems where the start is not noisy.
   * @default {"start" where the problem has a data step and the network can read a picture, else "random"}
   */
  input?: InputName;
  /**
   * Standard deviation of the fresh noise added to the input at each iteration, with `mse`.
   * @default {the network's, or the problem's where the network is given the start}
   */
  inputNoise?: number;
  /**
   * How much of the average of the outputs is kept from one iteration to the next; 0 averages nothing.
   * @default {0.99 with mse, 0.97 where the network is given the start, else 0.98; less where the problem has few iterations of its own}
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
  /**
   * Keeps the whole state in a file, so that a run that is killed can go on. It does not change the run.
   * @default {no checkpoints}
   */
  checkpoint?: CheckpointOptions;
}
