// Reflection padding inside a graph, by any amount, and the crop that undoes it.
import { tf } from "../engine/mod.ts";
import { type Padding, paddingFor } from "../image/mod.ts";
import type { Architecture, Size } from "../network/mod.ts";

/** How a picture is padded to a size that suits a network. */
export interface Fitting {
  /** The size of the padded picture. */
  readonly size: Size;
  readonly rows: Padding;
  readonly columns: Padding;
}

/** The padding that makes a picture's sides multiples of `multiple` and at least `minimum`. */
export function fitting(
  { height, width, channels }: Size,
  { multiple, minimum }: Pick<Architecture, "multiple" | "minimum">,
): Fitting {
  const rows = paddingFor(height, multiple, minimum);
  const columns = paddingFor(width, multiple, minimum);
  const size = {
    height: rows.before + height + rows.after,
    width: columns.before + width + columns.after,
    channels,
  };
  return { size, rows, columns };
}

/** `[1, height, width, C]` reflected at its edges to the network's size; part of a traced step. */
export function reflected(x: tf.Tensor, { rows, columns }: Fitting): tf.Tensor {
  const left = [rows.before, rows.after, columns.before, columns.after];
  let y = x;
  // One reflection adds at most a side less one pixel, so a small picture is reflected repeatedly.
  while (left.some((n) => n > 0)) {
    const [, height, width] = y.shape;
    const most = [height!, height!, width!, width!].map((side) => side - 1);
    const [top, bottom, west, east] = left.map((n, i) => Math.min(n, most[i]!)) as [
      number,
      number,
      number,
      number,
    ];
    y = tf.mirrorPad(y, [[0, 0], [top, bottom], [west, east], [0, 0]], "reflect");
    [top, bottom, west, east].forEach((n, i) => left[i]! -= n);
  }
  return y;
}

/** The part of a network's output that is the picture; part of a traced step. */
export function cropped(x: tf.Tensor, { rows, columns }: Fitting): tf.Tensor {
  const [, height, width, channels] = x.shape as [number, number, number, number];
  return x.slice(
    [0, rows.before, columns.before, 0],
    [
      1,
      height - rows.before - rows.after,
      width - columns.before - columns.after,
      channels,
    ],
  );
}
