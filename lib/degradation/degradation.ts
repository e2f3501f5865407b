// The interface of a degradation: what was observed, and its data term.
import type { tf } from "../engine/mod.ts";
import type { Image, JpegQuantization } from "../image/mod.ts";

/** A rectangle of a restored picture, in its pixels. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** The data step that alternates with a denoiser in plug-and-play restoration (Venkatakrishnan et al. 2013). */
export interface DataStep {
  /**
   * The proximal operator of the data term: argmin over x of ‖A x - observed‖² / σ_n² + ‖x - estimate‖² / σ², where
   * σ_n is the noise's standard deviation.
   *
   * @param estimate A picture of the shape of `initialEstimate`.
   * @param sigma The standard deviation σ of the estimate's error, in [0, 1].
   * @returns The picture, not clipped.
   */
  proximal(estimate: Image, sigma: number): Image;
  /**
   * The denoiser's first and last noise level, in [0, 1]: about the errors of the initial estimate and of the result.
   */
  noiseLevels(): readonly [first: number, last: number];
  /** The sides of the denoiser's patches at the first and the last noise level, in pixels. @default {the denoiser's} */
  patchSides?(): readonly [first: number, last: number];
  /**
   * The side of the denoiser's patches in a first pass, in pixels. In this pass, two thirds of the iterations, the
   * denoiser computes a pilot of its own at every iteration. @default {no first pass}
   */
  readonly firstPassPatch?: number;
  /** The most iterations at any quality, where more of them make the result worse. @default {any number} */
  readonly mostIterations?: number;
}

/** A degraded picture and the model of its degradation: `observed = A(picture) + noise`. */
export interface Degradation {
  /** The restoration task, such as `denoising`. */
  readonly task: string;
  /** The parameters of the degradation, such as the factor of a downsampling; plain JSON, for the record. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The degraded picture. */
  readonly observed: Image;
  /** The JPEG compression of the degraded picture, if the estimate of its noise is to use it. */
  readonly quantization?: JpegQuantization;
  /**
   * The picture before the restoration, with the size and channels of the result: the degraded picture itself, or a
   * simple estimate such as bicubic interpolation. Charts show it as the picture before, and H compares with it.
   */
  readonly initialEstimate: Image;
  /** 1 for the known samples of the degraded picture, 0 for the others, which never count. @default {all} */
  readonly known?: Image;
  /** Whether A is the identity and the noise white and Gaussian, as risk estimates need. */
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
   * @param output A network's output, `[1, height, width, channels]` of `initialEstimate`, values in [0, 1].
   * @param observed The degraded picture, `[1, height, width, channels]` of `observed`.
   * @param counted The weight of each sample of the degraded picture, of its shape: 1 for one that counts, 0 for one
   * that does not.
   * @default {all count}
   * @returns A scalar: a mean over the samples that count, in squared units of the picture's range [0, 1] unless
   * {@linkcode Degradation.isSquared} is false.
   */
  misfit(output: tf.Tensor, observed: tf.Tensor, counted?: tf.Tensor): tf.Scalar;
  /**
   * Computes the initial estimate if only some of the known samples were known; part of a traced step. It is needed
   * if the initial estimate contains the known samples: a network with that input would learn to copy them, so some
   * are hidden from it.
   *
   * @param observed The degraded picture, `[1, height, width, channels]`.
   * @param visible 1 for the visible pixels, 0 for the others, `[1, height, width, 1]`.
   * @returns The filled picture, of the shape of `observed`.
   */
  fill?(observed: tf.Tensor, visible: tf.Tensor): tf.Tensor;
  /** The data step for plug-and-play restoration. @default {none; a network is needed} */
  readonly dataStep?: DataStep;
  /**
   * A suitable number of iterations, if it is known and no stopping rule is needed.
   * @default {a rule stops the run}
   */
  readonly iterations?: number;
  /**
   * Standard deviation of the fresh noise added to `initialEstimate` at every iteration, if that is the network's
   * input. An initial estimate that already agrees with the observed picture needs it, else the network would only
   * copy it.
   * @default {the network's}
   */
  readonly inputNoise?: number;
  /** Makes the final result from the restored picture. @default {no change} */
  finish?(restored: Image): Image;
  /** Regions of the restored picture must start and end at multiples of this, in pixels, or at the picture's end. */
  readonly alignment: number;
  /**
   * The largest distance over which a pixel of the restored picture affects the observed one, in pixels.
   * @default {0}
   */
  readonly support?: number;
  /** The same problem for a part of the picture. */
  crop(region: Region): Degradation;
}
