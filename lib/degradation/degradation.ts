// What was observed of a picture, and how an output is compared with it.
import type { tf } from "../engine/mod.ts";
import type { Image, JpegQuantization } from "../image/mod.ts";

/** A rectangle of a restored picture, in its pixels. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** What alternates with a denoiser in plug-and-play restoration (Venkatakrishnan et al. 2013). */
export interface DataStep {
  /**
   * The picture that explains what was observed and lies near an estimate: argmin over x of
   * ‖A x - observed‖² / σ_n² + ‖x - estimate‖² / σ², σ_n the noise's standard deviation.
   *
   * @param estimate A picture of the shape of `start`.
   * @param sigma Its error's standard deviation σ, in [0, 1].
   * @returns The picture, not clipped.
   */
  proximal(estimate: Image, sigma: number): Image;
  /** The denoiser's first and last noise level, in [0, 1]: how far from the picture the start is, and the result. */
  noiseLevels(): readonly [first: number, last: number];
}

/** A degraded picture and the model of how it came about: `observed = A(picture) + noise`. */
export interface Degradation {
  /** The restoration that undoes it, such as `denoising`. */
  readonly task: string;
  /** What is known of the degradation, such as the factor of a downsampling; plain JSON, for the record. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The degraded picture. */
  readonly observed: Image;
  /** How its file was compressed, if its noise is to be estimated by that. */
  readonly quantization?: JpegQuantization;
  /**
   * The picture before the restoration, of the size and channels wanted: the degraded picture itself or a
   * plain guess. It is shown as what there was, and H compares with it.
   */
  readonly initialEstimate: Image;
  /** 1 for the samples of the degraded picture that are known, 0 for the others, which never count. @default {all} */
  readonly known?: Image;
  /** Whether the noise is white and Gaussian on the picture itself, A the identity: risk estimates need it. */
  readonly isWhite: boolean;
  /**
   * Whether the data term is a mean of squared errors, so that it can be compared with the noise's variance.
   * @default {true}
   */
  readonly isSquared?: boolean;
  /** Whether single samples can be held out of the data term, to judge the others. */
  readonly isSamplewise: boolean;
  /**
   * The data term; part of a traced step.
   *
   * @param output A network's output, `[1, height, width, channels]` of `start`, values in [0, 1].
   * @param observed The degraded picture, `[1, height, width, channels]` of `observed`.
   * @param counted The weight of each sample of the degraded picture, of its shape: 1 for one that counts,
   * 0 for one that does not. All count if it is left out.
   * @returns A scalar: a mean over the samples that count; of squared units of the picture's range [0, 1]
   * unless {@linkcode Degradation.isSquared} is false.
   */
  misfit(output: tf.Tensor, observed: tf.Tensor, counted?: tf.Tensor): tf.Scalar;
  /**
   * Where the start repeats the known samples: what it would be if only some of them were known; part of a
   * traced step. A network that is given the start then has samples hidden from it, else it would only learn
   * to repeat the others.
   *
   * @param observed The degraded picture, `[1, height, width, channels]`.
   * @param visible 1 for the pixels that are known, 0 for the others, `[1, height, width, 1]`.
   * @returns The filled picture, of the shape of `observed`.
   */
  fill?(observed: tf.Tensor, visible: tf.Tensor): tf.Tensor;
  /** What plug-and-play restoration needs of it. @default {it is restored by a network alone} */
  readonly dataStep?: DataStep;
  /** How many iterations suit it, where that is known and no rule need find out. @default {a rule stops the run} */
  readonly iterations?: number;
  /**
   * Standard deviation of the fresh noise added to `start` at every iteration, if a network is given that: with
   * noise of its own to take away, it does not repeat a start that already agrees with what was observed.
   * @default {the network's}
   */
  readonly inputNoise?: number;
  /** What becomes of the restored picture in the end. @default {nothing} */
  finish?(restored: Image): Image;
  /** A region of the restored picture starts and ends at multiples of so many pixels, or at the picture's end. */
  readonly alignment: number;
  /** How far from its place a pixel of the restored picture is observed at most, in pixels. @default {0} */
  readonly support?: number;
  /** The same problem for a part of the picture. */
  crop(region: Region): Degradation;
}
