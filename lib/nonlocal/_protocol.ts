// The messages between the caller's thread and the workers.
import type { Geometry, Tile } from "./_tiles.ts";

/** One step of NL-Ridge over a picture. All planes are shared memory, `[height, width]`. */
export interface Step extends Geometry {
  /** The noisy picture's channels; the first is the one on which patches are matched. */
  readonly observed: readonly Float32Array[];
  /** The channels of the estimate from which the weights are computed; undefined to use the noisy picture. */
  readonly pilot: readonly Float32Array[] | undefined;
  /** The part of the noise that is added to the Gram matrix in the ridge regression. */
  readonly share: number;
  /** The factor on the noise in the regression. */
  readonly strength: number;
  /** Whether the weights are sharpened; `share` and `strength` must then be equal. */
  readonly sharpened: boolean;
  /**
   * Patches count as equally near if their difference is below this part of the expected difference of two noisy
   * copies.
   */
  readonly tolerance: number;
  /** The noise's variance in the patch that begins at each pixel; a number if it is constant. */
  readonly variance: readonly (Float32Array | number)[];
  /**
   * The noise's autocorrelation for each channel over |dy|, |dx| from 0 to 2 `reach`; undefined for white noise.
   */
  readonly autocorrelation: readonly Float32Array[] | undefined;
}

/** A request; `tile` is answered by one {@linkcode Reply}. */
export type Request =
  | { readonly kind: "open"; readonly step: Step }
  | { readonly kind: "tile"; readonly index: number; readonly tile: Tile };

/** The contribution of a tile to the picture, `[channels, height, width]` of its region. */
export interface Reply {
  readonly index: number;
  /** The sum of the weighted estimates of each pixel. */
  readonly sums: Float32Array<ArrayBuffer>;
  /** The sum of the weights of the patches that begin at each pixel. */
  readonly weights: Float32Array<ArrayBuffer>;
}
