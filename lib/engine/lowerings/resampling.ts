// Bilinear and nearest-neighbour resizing and their gradients.
import type { Emitter, Lowering } from "../emitter.ts";
import { bilinearTaps } from "../gradients.ts";
import type { Node, Value } from "../graph.ts";
import { blockedImage, IMAGE, type Layout, stored } from "../layout.ts";
import type { OnnxAttribute, Ref } from "../onnx.ts";
import { NCHWC } from "./blocked.ts";

interface Resampling {
  alignCorners: boolean;
  halfPixelCenters: boolean;
}

const scalesOf = (from: Ref, to: readonly number[]): number[] =>
  to.map((size, i) => size / from.shape[i]!);

/** Whether a picture has whole blocks of channels, so that blocked operators are worth a copy. */
const fitsBlocks = (e: Emitter, { shape }: Value): boolean =>
  e.block > 0 && shape[3]! % e.block === 0;

/** Enlarges pictures in blocks by whole factors, if possible. */
function enlargedInBlocks(
  e: Emitter,
  { inputs: [x], outputs: [out] }: Node,
  attributes: Record<string, OnnxAttribute>,
): boolean {
  const factors = [1, 2].map((axis) => out!.shape[axis]! / x!.shape[axis]!);
  if (!fitsBlocks(e, x!) || !factors.every(Number.isInteger)) return false;
  const layout = blockedImage(e.block);
  const enlarged = e.emit("Upsample", [e.ref(x!, layout)], stored(out!.shape, layout), {
    scales: [1, 1, ...factors],
    ...attributes,
  }, NCHWC);
  e.define(out!, enlarged, layout);
  return true;
}

const bilinear: Lowering = (e, node) => {
  const { inputs: [x], outputs: [out], attrs } = node;
  const { alignCorners, halfPixelCenters } = attrs as unknown as Resampling;
  const mode = alignCorners ? "align_corners" : halfPixelCenters ? "half_pixel" : "asymmetric";
  const linear = { mode: "linear", coordinate_transformation_mode: mode };
  if (enlargedInBlocks(e, node, linear)) return;
  const image = e.ref(x!, IMAGE), [batch, height, width, channels] = out!.shape;
  const shape = [batch!, channels!, height!, width!];
  const resized = e.emit("Resize", [image, undefined, undefined, e.list(shape)], shape, linear);
  e.define(out!, resized, IMAGE);
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
  const [, height, width] = out!.shape, [, rows, columns] = dy!.shape;
  const doubles = rows === 2 * height! && columns === 2 * width!;
  if (how.halfPixelCenters && !how.alignCorners && doubles) {
    const layout = fitsBlocks(e, dy!) ? blockedImage(e.block) : IMAGE;
    return e.define(out!, doublingGrad(e, e.ref(dy!, layout), layout), layout);
  }
  const gradient = e.ref(dy!, IMAGE), [batch, channels] = gradient.shape;
  const across = e.constant(bilinearMatrix(width!, columns!, how), [columns!, width!]);
  const down = e.transpose(e.constant(bilinearMatrix(height!, rows!, how), [rows!, height!]), [
    1,
    0,
  ]);
  const narrow = e.emit("MatMul", [gradient, across], [batch!, channels!, rows!, width!]);
  const small = e.emit("MatMul", [down, narrow], [batch!, channels!, height!, width!]);
  e.define(out!, small, IMAGE);
};

/** The gradient of doubling with half-pixel centres: taps 1/4, 3/4, 3/4, 1/4 with stride 2, repeated edges. */
function doublingGrad(e: Emitter, gradient: Ref, layout: Layout): Ref {
  const [batch, channels, rows, columns] = gradient.shape as [number, number, number, number];
  const taps = [0.25, 0.75, 0.75, 0.25], kernel = taps.flatMap((a) => taps.map((b) => a * b));
  const attributes = { kernel_shape: [4, 4], strides: [2, 2] };
  const halved = [rows / 2, columns / 2];
  const widths = [0, 0, 1, 1, ...layout.cut.map(() => 0)];
  const padded = (x: Ref, sides: readonly number[]) =>
    e.emit("Pad", [x, e.list([...widths, ...widths])], sides, { mode: "edge" });
  if (layout.cut.length) {
    const view = e.memory(gradient, layout), [, blocks] = view.shape, b = e.block;
    const wider = padded(view, [batch, blocks!, rows + 2, columns + 2, b]);
    const kernels = kernel.flatMap((tap) => Array<number>(b).fill(tap));
    const every = Array.from({ length: blocks! }, () => kernels).flat();
    return e.emit(
      "Conv",
      [
        e.reshape(wider, [batch, channels, rows + 2, columns + 2]),
        e.constant(every, [channels, 1, 4, 4]),
      ],
      [batch, channels, ...halved],
      { ...attributes, group: channels },
      NCHWC,
    );
  }
  // The runtime is faster with one picture for each channel than with one group for each channel.
  const planes = e.reshape(gradient, [batch * channels, 1, rows, columns]);
  const wider = padded(planes, [batch * channels, 1, rows + 2, columns + 2]);
  const small = e.emit("Conv", [wider, e.constant(kernel, [1, 1, 4, 4])], [
    batch * channels,
    1,
    ...halved,
  ], attributes);
  return e.reshape(small, [batch, channels, ...halved]);
}

const nearest: Lowering = (e, node) => {
  if (enlargedInBlocks(e, node, { mode: "nearest" })) return;
  const { inputs: [x], outputs: [out] } = node;
  const image = e.ref(x!, IMAGE), [batch, height, width, channels] = out!.shape;
  const shape = [batch!, channels!, height!, width!];
  const scales = e.constant(scalesOf(image, shape), [4]);
  const enlarged = e.emit("Resize", [image, undefined, scales], shape, {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });
  e.define(out!, enlarged, IMAGE);
};

const nearestGrad: Lowering = (e, { inputs: [dy], outputs: [out], attrs }) => {
  const factors = attrs["factors"] as [number, number];
  const layout = fitsBlocks(e, dy!) ? blockedImage(e.block) : IMAGE;
  const mean = e.emit(
    "AveragePool",
    [e.ref(dy!, layout)],
    stored(out!.shape, layout),
    { kernel_shape: factors, strides: factors },
    layout === IMAGE ? {} : NCHWC,
  );
  e.define(out!, e.binary("Mul", mean, e.scalar(factors[0] * factors[1])), layout);
};

/** Lowerings by operator. */
export const resampling: Record<string, Lowering> = {
  ResizeBilinear: bilinear,
  ResizeBilinearGrad: bilinearGrad,
  ResizeNearest: nearest,
  ResizeNearestGrad: nearestGrad,
};
