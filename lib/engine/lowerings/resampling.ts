// Bilinear and nearest-neighbour resizing and their gradients.
import type { Emitter } from "../emitter.ts";
import { bilinearTaps } from "../gradients.ts";
import { IMAGE } from "../layout.ts";
import type { Ref } from "../onnx.ts";
import type { Lowering } from "./lowering.ts";

interface Resampling {
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

const scalesOf = (from: Ref, to: readonly number[]): number[] =>
  to.map((size, i) => size / from.shape[i]!);

const bilinear: Lowering = (e, { inputs: [x], outputs: [out], attrs }) => {
  const { alignCorners, halfPixelCenters } = attrs as unknown as Resampling;
  const image = e.ref(x!, IMAGE), [batch, height, width, channels] = out!.shape;
  const shape = [batch!, channels!, height!, width!];
  const mode = alignCorners ? "align_corners" : halfPixelCenters ? "half_pixel" : "asymmetric";
  e.define(
    out!,
    e.emit("Resize", [image, undefined, undefined, e.list(shape)], shape, {
      mode: "linear",
      coordinate_transformation_mode: mode,
    }),
  );
};

/** The matrix of bilinear resampling along one axis, `[to, from]` row-major. */
function bilinearMatrix(
  from: number,
  to: number,
  { alignCorners, halfPixelCenters }: Resampling,
): Float32Array {
  const matrix = new Float32Array(to * from);
  bilinearTaps(from, to, alignCorners, halfPixelCenters).forEach(({ low, high, weight }, i) => {
    matrix[i * from + low]! += 1 - weight;
    matrix[i * from + high]! += weight;
  });
  return matrix;
}

const bilinearGrad: Lowering = (e, { inputs: [dy], outputs: [out], attrs }) => {
  const how = attrs as unknown as Resampling;
  const gradient = e.ref(dy!, IMAGE), [, height, width] = out!.shape;
  const [batch, channels, rows, columns] = gradient.shape as [number, number, number, number];
  if (how.halfPixelCenters && !how.alignCorners && rows === 2 * height! && columns === 2 * width!) {
    return e.define(out!, doublingGrad(e, gradient));
  }
  const across = e.constant(bilinearMatrix(width!, columns, how), [columns, width!]);
  const down = e.transpose(e.constant(bilinearMatrix(height!, rows, how), [rows, height!]), [1, 0]);
  const narrow = e.emit("MatMul", [gradient, across], [batch, channels, rows, width!]);
  e.define(out!, e.emit("MatMul", [down, narrow], [batch, channels, height!, width!]));
};

/** The gradient of doubling with half-pixel centres: taps 1/4, 3/4, 3/4, 1/4 with stride 2, the edge repeated. */
function doublingGrad(e: Emitter, gradient: Ref): Ref {
  const [batch, channels, rows, columns] = gradient.shape as [number, number, number, number];
  const planes = e.reshape(gradient, [batch * channels, 1, rows, columns]);
  const padded = e.emit("Pad", [planes, e.list([0, 0, 1, 1, 0, 0, 1, 1])], [
    batch * channels,
    1,
    rows + 2,
    columns + 2,
  ], { mode: "edge" });
  const taps = [0.25, 0.75, 0.75, 0.25];
  const kernel = e.constant(taps.flatMap((a) => taps.map((b) => a * b)), [1, 1, 4, 4]);
  const halved = e.emit("Conv", [padded, kernel], [batch * channels, 1, rows / 2, columns / 2], {
    kernel_shape: [4, 4],
    strides: [2, 2],
  });
  return e.reshape(halved, [batch, channels, rows / 2, columns / 2]);
}

const nearest: Lowering = (e, { inputs: [x], outputs: [out] }) => {
  const image = e.ref(x!, IMAGE), [batch, height, width, channels] = out!.shape;
  const shape = [batch!, channels!, height!, width!];
  const scales = e.constant(scalesOf(image, shape), [4]);
  e.define(
    out!,
    e.emit("Resize", [image, undefined, scales], shape, {
      mode: "nearest",
      coordinate_transformation_mode: "asymmetric",
      nearest_mode: "floor",
    }),
  );
};

const nearestGrad: Lowering = (e, { inputs: [dy], outputs: [out], attrs }) => {
  const factors = attrs["factors"] as [number, number];
  const [batch, height, width, channels] = out!.shape;
  const mean = e.emit("AveragePool", [e.ref(dy!, IMAGE)], [batch!, channels!, height!, width!], {
    kernel_shape: factors,
    strides: factors,
  });
  e.define(out!, e.binary("Mul", mean, e.scalar(factors[0] * factors[1])));
};

/** Lowerings by operator. */
export const resampling: Record<string, Lowering> = {
  ResizeBilinear: bilinear,
  ResizeBilinearGrad: bilinearGrad,
  ResizeNearest: nearest,
  ResizeNearestGrad: nearestGrad,
};
