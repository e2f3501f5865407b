// Square views of a picture: cut out at random places, flipped and turned, and averaged back into a picture.
import type { Image } from "../image/mod.ts";
import type { Random } from "../random/mod.ts";

/** A square of a picture, in one of eight orientations. */
export interface View {
  /** The square's first row and column. Pixels outside the picture are its reflection. */
  readonly top: number;
  readonly left: number;
  readonly side: number;
  /** Bit 0: transposed; bit 1: flipped vertically; bit 2: flipped horizontally. */
  readonly turn: number;
}

/** Pixels by which a view may extend beyond the picture, so that pixels at the border are used as often as others. */
const OVER = 16;

/** A random first row or column. */
function anywhere(random: Random, size: number, side: number): number {
  const low = Math.min(-OVER, size - side), high = Math.max(size - side + OVER, 0);
  return low + Math.floor(random.uniform() * (high - low + 1));
}

/**
 * Chooses a view at random.
 *
 * @param random The random stream.
 * @param size The picture's size; it may be smaller than the view.
 * @param side The view's side, in pixels.
 * @returns The view.
 */
export function randomView(
  random: Random,
  { height, width }: Pick<Image, "height" | "width">,
  side: number,
): View {
  const top = anywhere(random, height, side), left = anywhere(random, width, side);
  return { top, left, side, turn: Math.floor(random.uniform() * 8) };
}

/** The row or column whose reflection lies at a place beyond the ends. */
function reflected(place: number, size: number): number {
  const period = Math.max(2 * (size - 1), 1);
  const folded = ((place % period) + period) % period;
  return Math.min(folded, period - folded);
}

/**
 * Calls a function for each pixel of a view.
 *
 * @param view The view.
 * @param size The picture's size.
 * @param each The function. Its arguments are the pixel's index in the view (row-major) and in the picture, and its
 * row and column in the view.
 */
function forEachPixel(
  { top, left, side, turn }: View,
  { height, width }: Pick<Image, "height" | "width">,
  each: (inView: number, inPicture: number, isInside: boolean) => void,
): void {
  const rows = Int32Array.from({ length: side }, (_, i) => reflected(top + i, height));
  const columns = Int32Array.from({ length: side }, (_, i) => reflected(left + i, width));
  for (let i = 0; i < side; i++) {
    for (let j = 0; j < side; j++) {
      let y = turn & 1 ? j : i, x = turn & 1 ? i : j;
      if (turn & 2) y = side - 1 - y;
      if (turn & 4) x = side - 1 - x;
      const isInside = top + y >= 0 && top + y < height && left + x >= 0 && left + x < width;
      each(i * side + j, rows[y]! * width + columns[x]!, isInside);
    }
  }
}

/**
 * Cuts a view out of a picture.
 *
 * @param picture The picture.
 * @param view The view.
 * @returns Its samples, channels first: `[channels, side, side]`.
 *
 * @example A turned view of a small picture
 * ```ts
 * import { takeView } from "./view.ts";
 * import assert from "node:assert/strict";
 *
 * const picture = { height: 2, width: 2, channels: 1, data: Float32Array.of(1, 2, 3, 4) } as const;
 * const view = { top: 0, left: 0, side: 2, turn: 1 };
 * assert.deepEqual(takeView(picture, view), Float32Array.of(1, 3, 2, 4));
 * ```
 */
export function takeView(picture: Image, view: View): Float32Array {
  const { channels, data } = picture, pixels = view.side ** 2;
  const taken = new Float32Array(channels * pixels);
  forEachPixel(view, picture, (to, from) => {
    for (let c = 0; c < channels; c++) taken[c * pixels + to] = data[from * channels + c]!;
  });
  return taken;
}

/** The running average of views of a picture, each pixel by itself. */
export interface ViewAverage {
  /** Adds a view's samples, `[side, side, channels]`, to the average. */
  add(view: View, samples: Float32Array): void;
  /** A copy of the picture so far. */
  image(): Image;
  /** The state, not copied. */
  state(): ViewAverageState;
  restoreState(state: ViewAverageState): void;
}

/** The state of a {@linkcode ViewAverage}. */
export interface ViewAverageState {
  readonly samples: Float32Array;
  readonly weights: Float32Array;
}

/** The weight of the picture with which the average begins, in views. */
const FIRST = 2;

/** The largest total weight of the average, in views: older views lose weight, because the network has improved. */
const MEMORY = 16;

/** Samples nearer to a view's edge than this, in pixels, get less weight: the network has less context there. */
const RIM = 16;

/** The weight of each row or column of a view. */
const window = (side: number) =>
  Float64Array.from(
    { length: side },
    (_, i) => Math.min(1, (Math.min(i, side - 1 - i) + 1) / Math.min(RIM, side / 2)),
  );

/**
 * Averages views of a picture as they come.
 *
 * @param first The picture before the first view; it stays where no view was added.
 * @returns The average.
 */
export function createViewAverage(first: Image): ViewAverage {
  const { channels } = first, data = first.data.slice();
  const weights = new Float32Array(first.height * first.width).fill(FIRST);
  let along = new Float64Array(0);
  return {
    add(view, samples) {
      const { side } = view;
      if (along.length !== side) along = window(side);
      forEachPixel(view, first, (from, to, isInside) => {
        if (!isInside) return;
        const weight = along[Math.floor(from / side)]! * along[from % side]!;
        const total = Math.min(weights[to]! + weight, MEMORY), share = weight / total;
        weights[to] = total;
        for (let c = 0; c < channels; c++) {
          const at = to * channels + c;
          data[at]! += share * (samples[from * channels + c]! - data[at]!);
        }
      });
    },
    image: () => ({ ...first, data: data.slice() }),
    state: () => ({ samples: data, weights }),
    restoreState(state) {
      data.set(state.samples);
      weights.set(state.weights);
    },
  };
}
