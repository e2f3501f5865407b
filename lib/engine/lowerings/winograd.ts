// 3x3 convolution and both its gradients by Winograd's F(4x4, 3x3) (Lavin & Gray 2016), as batched matrix products.
//
// A picture is cut into 6x6 tiles that overlap by 2. V is a transformed tile and G a transformed filter, M = G V
// their product for each frequency, and the inverse transform of M is the 4x4 output tile. The gradients are the
// exact adjoints; U, the transform of the output's gradient, is used for both.
import type { Emitter } from "../emitter.ts";
import type { Ref } from "../onnx.ts";

const INPUT = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];
const FILTER = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];
const OUTPUT = [
  [1, 0, 0, 0],
  [1, 1, 1, 1],
  [1, -1, 1, -1],
  [1, 2, 4, 8],
  [1, -2, 4, -8],
  [0, 0, 0, 1],
];
const TILE = 36;

/** The Kronecker square of a 6xn matrix as a 36 x n² one, row-major, or its transpose. */
function square(matrix: readonly (readonly number[])[], transposed = false): number[] {
  const n = matrix[0]!.length, rows = TILE, columns = n * n;
  const at = (i: number, j: number) =>
    matrix[Math.floor(i / 6)]![Math.floor(j / n)]! * matrix[i % 6]![j % n]!;
  return Array.from(
    { length: rows * columns },
    (_, k) =>
      transposed ? at(k % rows, Math.floor(k / rows)) : at(Math.floor(k / columns), k % columns),
  );
}

/** Height and width of an `[1, C, H, W]` tensor. */
const sides = (ref: Ref): [number, number] => [ref.shape[2]!, ref.shape[3]!];

/** Transforms each channel's tiles: `[1, C, ...]` to `[36, C, tiles]`. */
function tiles(e: Emitter, x: Ref, kernel: Ref, channels: number): Ref {
  const side = kernel.shape[2]!;
  const [rows, columns] = sides(x).map((n) => (n - side) / 4 + 1) as [number, number];
  const transformed = e.emit("Conv", [x, kernel], [channels, TILE, rows, columns], {
    kernel_shape: [side, side],
    strides: [4, 4],
  });
  return e.transpose(e.reshape(transformed, [channels, TILE, rows * columns]), [1, 0, 2]);
}

const inputKernel = (e: Emitter) =>
  e.once("winograd V", () => e.constant(square(INPUT), [TILE, 1, 6, 6]));

const perChannel = (x: Ref): number[] => [x.shape[1]!, 1, ...sides(x)];

/** V of `[1, C, H + 2, W + 2]`. */
function inputTiles(e: Emitter, x: Ref): Ref {
  return tiles(e, e.reshape(x, perChannel(x)), inputKernel(e), x.shape[1]!);
}

/** U of `[1, C, H, W]`. */
function gradientTiles(e: Emitter, dy: Ref): Ref {
  const kernel = e.once("winograd U", () => e.constant(square(OUTPUT), [TILE, 1, 4, 4]));
  return e.once(
    `winograd U ${dy.name}`,
    () => tiles(e, e.reshape(dy, perChannel(dy)), kernel, dy.shape[1]!),
  );
}

/** G of an `[O, I, 3, 3]` filter: `[36, O, I]`. */
function filterTiles(e: Emitter, filter: Ref): Ref {
  return e.once(`winograd G ${filter.name}`, () => {
    const [outputs, inputs] = filter.shape as [number, number];
    const taps = e.transpose(e.reshape(filter, [outputs * inputs, 9]), [1, 0]);
    const matrix = e.constant(square(FILTER), [TILE, 9]);
    return e.reshape(e.emit("MatMul", [matrix, taps], [TILE, outputs * inputs]), [
      TILE,
      outputs,
      inputs,
    ]);
  });
}

/** The convolution of `[1, I, H + 2, W + 2]` with `[O, I, 3, 3]`: `[1, O, H, W]`. */
export function winogradForward(e: Emitter, x: Ref, filter: Ref): Ref {
  const [outputs] = filter.shape as [number], [height, width] = sides(x).map((n) => n - 2);
  const count = height! * width! / 16;
  const product = e.emit("MatMul", [filterTiles(e, filter), inputTiles(e, x)], [
    TILE,
    outputs,
    count,
  ]);
  const back = e.constant(square(OUTPUT, true), [16, TILE]);
  const flat = e.reshape(product, [TILE, outputs * count]);
  const pixels = e.emit("MatMul", [back, flat], [16, outputs * count]);
  return e.emit(
    "DepthToSpace",
    [e.reshape(pixels, [1, 16 * outputs, height! / 4, width! / 4])],
    [1, outputs, height!, width!],
    { blocksize: 4, mode: "DCR" },
  );
}

/**
 * The gradient by the padded input, `[1, I, H + 2, W + 2]`, without `crop` pixels at each edge; computed after
 * `after`.
 */
export function winogradInputGrad(
  e: Emitter,
  dy: Ref,
  filter: Ref,
  crop: 0 | 1,
  after?: Ref,
): Ref {
  const [, inputs] = filter.shape as [number, number], [height, width] = sides(dy);
  const count = height * width / 16;
  const turned = e.transpose(filterTiles(e, filter), [0, 2, 1]);
  const u = gradientTiles(e, dy);
  const product = e.emit("MatMul", [turned, after ? e.after(u, after) : u], [TILE, inputs, count]);
  const perInput = e.reshape(e.transpose(product, [1, 0, 2]), [
    inputs,
    TILE,
    height / 4,
    width / 4,
  ]);
  const shape = [height, width].map((n) => n + 2 - 2 * crop) as [number, number];
  const summed = e.emit("ConvTranspose", [perInput, inputKernel(e)], [inputs, 1, ...shape], {
    kernel_shape: [6, 6],
    strides: [4, 4],
    pads: [crop, crop, crop, crop],
  });
  return e.reshape(summed, [1, inputs, ...shape]);
}

/** The gradient by the filter, `[O, I, 3, 3]`. */
export function winogradFilterGrad(e: Emitter, x: Ref, dy: Ref): Ref {
  const inputs = x.shape[1]!, outputs = dy.shape[1]!;
  const u = gradientTiles(e, dy);
  // V is computed again, because keeping it from the forward pass would take 2.25 times the memory of the layer's
  // input.
  const v = inputTiles(e, e.after(x, u));
  const product = e.emit("FusedMatMul", [u, v], [TILE, outputs, inputs], { transA: 0, transB: 1 }, {
    domain: "com.microsoft",
  });
  const matrix = e.constant(square(FILTER, true), [9, TILE]);
  const flat = e.reshape(product, [TILE, outputs * inputs]);
  const taps = e.emit("MatMul", [matrix, flat], [9, outputs * inputs]);
  return e.reshape(e.transpose(taps, [1, 0]), [outputs, inputs, 3, 3]);
}
