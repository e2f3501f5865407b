// What the caller's thread and the workers of a step say to each other.
import type { Geometry, Tile } from "./_tiles.ts";

/** One step of NL-Ridge over a picture. All planes are shared memory, `[height, width]`. */
export interface Step extends Geometry {
  /** The noisy picture's channels, the one that patches are matched on first. */
  readonly observed: readonly Float32Array[];
  /** The channels of the estimate that the weights come from; without it, from the noisy picture. */
  readonly pilot: readonly Float32Array[] | undefined;
  /** Of the ridge regression: the part of the noise that is added to the Gram matrix. */
  readonly share: number;
  /** The noise counts as so many times itself. */
  readonly strength: number;
  /** Whether the weights are sharpened, which takes `share` and `strength` to be equal. */
  readonly sharpened: boolean;
  /** Patches that differ by less than this part of what the noise makes two patches differ are alike. */
  readonly tolerance: number;
  /** The noise's variance in the patch whose first pixel this is; a number where all are equal. */
  readonly variance: readonly (Float32Array | number)[];
  /**
   * The noise's autocorrelation for each channel over |dy|, |dx| from 0 to 2 `reach`; none for white
   * noise.
   */
  readonly autocorrelation: readonly Float32Array[] | undefined;
}

/** A request; `tile` is answered by one {@linkcode Reply}. */
export type Request =
  | { readonly kind: "open"; readonly step: Step }
  | { readonly kind: "tile"; readonly index: number; readonly tile: Tile };

/** What a tile adds to the picture, `[channels, height, width]` of its region. */
export interface Reply {
  readonly index: number;
  /** The sum of the weighted estimates of each pixel. */
  readonly sums: Float32Array<ArrayBuffer>;
  /** The sum of the weights of the patches whose first pixel this is. */
  readonly weights: Float32Array<ArrayBuffer>;
}
