// Square views of a picture: cut out anywhere, flipped and turned, and put back.
import type { Image } from "../image/mod.ts";
import type { Random } from "../random/mod.ts";

/** A square of a picture, and by which of its eight flips and turns it is seen. */
export interface View {
  /** Of the square's first row and column; what lies outside the picture is its reflection. */
  readonly top: number;
  readonly left: number;
  readonly side: number;
  /** Bit 0: rows are columns; bit 1: upside down; bit 2: left is right. */
  readonly turn: number;
}

/** How far a view may reach over the picture's border, so that the pixels there are seen as often as others. */
const OVER = 16;

/** A first row or column: anywhere between the ends of a side. */
function anywhere(random: Random, size: number, side: number): number {
  const low = Math.min(-OVER, size - side), high = Math.max(size - side + OVER, 0);
  return low + Math.floor(random.uniform() * (high - low + 1));
}

/**
 * Chooses a view at random.
 *
 * @param random The stream of random numbers.
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

/** The row or column that a place beyond the ends reflects. */
function reflected(place: number, size: number): number {
  const period = Math.max(2 * (size - 1), 1);
  const folded = ((place % period) + period) % period;
  return Math.min(folded, period - folded);
}

/**
 * Calls back for each pixel of a view.
 *
 * @param view The view.
 * @param size The picture's size.
 * @param each Called with the pixel's place in the view, row by row, and in the picture; and of its row and
 * column in the view, by which a caller may weight it.
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
  /** Takes a view's samples into the average, `[side, side, channels]`. */
  add(view: View, samples: Float32Array): void;
  /** A copy of the picture as it is now. */
  image(): Image;
  /** Its state, not copied. */
  state(): ViewAverageState;
  restoreState(state: ViewAverageState): void;
}

/** The state of a {@linkcode ViewAverage}. */
export interface ViewAverageState {
  readonly samples: Float32Array;
  readonly weights: Float32Array;
}

/** How many views the picture that the average begins with counts as. */
const FIRST = 2;

/** Views older than the last few count ever less: the network has learned since. */
const MEMORY = 16;

/** From a view's edge to here, in pixels, a sample counts less: the network sees less around it. */
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
 * @param first The picture before the first view; it stays where there is none.
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
