// Convolution and its gradients on pictures in blocks of channels, by ONNX Runtime's direct convolution.
//
// The runtime's own optimiser uses it only if the weights are constant, but in a training step they change. Its
// operators (domain com.microsoft.nchwc) declare a picture [N, C, H, W] and a filter [O, I, kh, kw]; in memory these
// are [N, C/b, H, W, b] and [O/b, I/b, kh, kw, b of I, b of O], with b = 16 (AVX-512) or 8 channels in a block. A
// picture of fewer than b channels is read without blocks, and its filter is [O/b, I, kh, kw, b of O].
import type { Convolution } from "../convolutions.ts";
import type { Emitter } from "../emitter.ts";
import type { Value } from "../graph.ts";
import { blockedFilter, blockedImage, FILTER, IMAGE, type Layout } from "../layout.ts";
import type { OnnxAttribute, Ref } from "../onnx.ts";

/** The runtime's operators on the blocked layout. */
export const NCHWC = { domain: "com.microsoft.nchwc" } as const;

/** Adds an operator of the blocked layout. */
function call(
  e: Emitter,
  op: string,
  inputs: readonly (Ref | undefined)[],
  shape: readonly number[],
  attributes: Record<string, OnnxAttribute>,
): Ref {
  return e.emit(op, inputs, shape, attributes, NCHWC);
}

/** Whether a value is stored in blocks. */
export const isBlocked = (e: Emitter, value: Value): boolean => e.layoutOf(value).cut.length > 0;

/** The layout in which a convolution can read a picture, and whether it is in blocks; undefined if it cannot. */
function readable(e: Emitter, image: Value): { layout: Layout; inBlocks: boolean } | undefined {
  if (isBlocked(e, image)) return { layout: blockedImage(e.block), inBlocks: true };
  return image.shape[3]! < e.block ? { layout: IMAGE, inBlocks: false } : undefined;
}

/** The number of channels rounded up to whole blocks. */
const inWholeBlocks = (e: Emitter, channels: number): number =>
  Math.ceil(channels / e.block) * e.block;

/** `[O, I, kh, kw]` padded with zero filters to whole blocks of outputs. */
function filledUp(e: Emitter, filter: Ref): Ref {
  const [outputs] = filter.shape as [number], full = inWholeBlocks(e, outputs);
  if (full === outputs) return filter;
  const ends = [0, 0, 0, 0, full - outputs, 0, 0, 0];
  return e.emit("Pad", [filter, e.list(ends), e.scalar(0)], [full, ...filter.shape.slice(1)], {
    mode: "constant",
  });
}

/** A filter in the layout of the blocked convolution, with whole blocks of outputs. */
function blockedFilterOf(e: Emitter, filter: Value, inBlocks: boolean): Ref {
  const layout = blockedFilter(e.block, inBlocks);
  if (filter.shape[3]! % e.block === 0) return e.ref(filter, layout);
  return e.once(
    `filled up ${filter.id} ${inBlocks}`,
    () => e.converted(filledUp(e, e.ref(filter, FILTER)), FILTER, layout),
  );
}

/** Sets the tensor of a picture that was computed in blocks; the last block may have surplus channels. */
function definePicture(e: Emitter, value: Value, picture: Ref): void {
  const channels = value.shape[3]!;
  if (picture.shape[1] === channels) return e.define(value, picture, blockedImage(e.block));
  const [batch, , height, width] = picture.shape as [number, number, number, number];
  const cropped = call(e, "ReorderOutput", [picture], [batch, channels, height, width], {
    channels,
  });
  e.define(value, cropped, IMAGE);
}

/** Writes `Conv` in blocks, if possible; returns whether it did. */
export function blockedConvolution(
  e: Emitter,
  { input, filter, output, attributes: { strides, dilations, pads } }: Convolution,
): boolean {
  const read = input.shape[3] === filter.shape[2] && readable(e, input);
  if (!read || !(read.inBlocks || isBlocked(e, output))) return false;
  const weights = blockedFilterOf(e, filter, read.inBlocks);
  const [batch, height, width] = output.shape as [number, number, number];
  const shape = [batch, weights.shape[0]!, height, width];
  const kernel_shape = weights.shape.slice(2);
  const image = e.ref(input, read.layout);
  definePicture(
    e,
    output,
    call(e, "Conv", [image, weights], shape, { kernel_shape, strides, dilations, pads }),
  );
  return true;
}

/**
 * The filter turned by 180 degrees, input and output channels exchanged, in the layout of the blocked convolution;
 * `filter` is in blocks of both.
 */
function blockedAdjoint(e: Emitter, filter: Ref): Ref {
  return e.once(`blocked adjoint ${filter.name}`, () => {
    const [outputs, inputs, rows, columns] = filter.shape as [number, number, number, number];
    const b = e.block, [O, I, K] = [outputs / b, inputs / b, rows * columns];
    const order = Array.from({ length: I * O * K }, (_, at) => {
      const i = Math.floor(at / (O * K)), o = Math.floor(at / K) % O, k = at % K;
      return (o * I + i) * K + K - 1 - k;
    });
    const taps = e.reshape(filter, [order.length, b * b]);
    const moved = order.every((from, to) => from === to)
      ? taps
      : e.emit("Gather", [taps, e.list(order)], taps.shape, { axis: 0 });
    // The conversion into blocks is a transposition of b x b numbers.
    const turned = call(
      e,
      "ReorderInput",
      [e.reshape(moved, [order.length, b, 1, b])],
      [order.length, b, 1, b],
      {},
    );
    return e.reshape(turned, [inputs, outputs, rows, columns]);
  });
}

/** The filter's adjoint for an output's gradient without blocks. */
function smallAdjoint(e: Emitter, filter: Value): Ref {
  return e.once(`small adjoint ${filter.id}`, () => {
    const [rows, columns, inputs, outputs] = filter.shape as [number, number, number, number];
    const taps = e.reshape(e.ref(filter, FILTER), [outputs, inputs, rows * columns]);
    const turned = rows * columns > 1 ? e.slice(taps, 2, rows * columns - 1, -1, -1) : taps;
    const adjoint = e.transpose(e.reshape(turned, [outputs, inputs, rows, columns]), [1, 0, 2, 3]);
    return e.converted(adjoint, FILTER, blockedFilter(e.block, false));
  });
}

/**
 * The gradient by the input, if it can be computed in blocks: for a convolution without stride whose input has whole
 * blocks.
 *
 * @param convolution The convolution.
 * @param after A value to be computed before.
 * @param shape The input's shape, if it is not that of the convolution.
 * @returns The gradient in blocks.
 */
export function blockedInputGrad(
  e: Emitter,
  { input, filter, output, attributes: { strides, dilations, pads } }: Convolution,
  after: Ref | undefined,
  [batch, height, width, channels]: readonly number[] = input.shape,
): Ref | undefined {
  const read = channels! % e.block === 0 && readable(e, output);
  const reach = [0, 1].map((i) => (filter.shape[i]! - 1) * dilations[i]!);
  const rest = pads.map((pad, i) => reach[i % 2]! - pad);
  if (!read || strides.some((n) => n !== 1) || rest.some((n) => n < 0)) return undefined;
  const adjoint = read.inBlocks
    ? blockedAdjoint(e, e.ref(filter, blockedFilter(e.block, true)))
    : smallAdjoint(e, filter);
  const gradient = e.ref(output, read.layout);
  return call(
    e,
    "Conv",
    [after ? e.after(gradient, after) : gradient, adjoint],
    [batch!, channels!, height!, width!],
    { kernel_shape: filter.shape.slice(0, 2), dilations, pads: rest },
  );
}

/**
 * The gradient by the filter, if it can be computed in blocks, without rearranging the pictures.
 *
 * It is a convolution of the input by the output's gradient, whose pixels are the taps. A block of the output's
 * gradient, [H, W, b], has in memory the form of b filters of one input channel. A block of the input is read as a
 * picture of one channel and width W b: its taps lie b apart, and the positions of the result are the b input
 * channels of each column.
 *
 * @param convolution The convolution whose filter's gradient is defined.
 * @returns The filter's gradient.
 */
export function blockedFilterGrad(
  e: Emitter,
  { input: x, filter: out, output: dy, attributes: { strides, dilations, pads } }: Convolution,
): Ref | undefined {
  const input = readable(e, x);
  if (!input || dilations.some((n) => n !== 1) || pads.some((n) => n !== 0)) return undefined;
  const isPointwise = out.shape[0] === 1 && out.shape[1] === 1 && strides.every((n) => n === 1);
  const pictures = Array.from({ length: x.shape[0]! }, (_, n) => n);
  const of = (value: Value, layout: Layout, n: number) =>
    e.slice(e.ref(value, layout), 0, n, n + 1);
  const sum = (parts: readonly Ref[]) => parts.reduce((a, b) => e.binary("Add", a, b));
  if (isBlocked(e, dy)) {
    const gradient = sum(
      pictures.map((n) =>
        filterGradOf(
          e,
          of(x, input.layout, n),
          of(dy, blockedImage(e.block), n),
          out.shape,
          strides,
          input.inBlocks,
        )
      ),
    );
    e.define(out, gradient, blockedFilter(e.block, input.inBlocks));
    return gradient;
  }
  // For a 1x1 filter, input and output are interchangeable.
  if (!isPointwise || !input.inBlocks || dy.shape[3]! >= e.block) return undefined;
  const gradient = sum(
    pictures.map((n) =>
      pointwiseGradOf(e, of(x, blockedImage(e.block), n), of(dy, IMAGE, n), out.shape)
    ),
  );
  e.define(out, gradient, FILTER);
  return gradient;
}

/**
 * The number of terms above which the rounding error of a float32 sum matters; longer sums are computed as partial
 * sums.
 */
const TERMS = 1024;

/**
 * The number of parts of equal height into which an output's gradient is split: a divisor of its height, less than
 * the channels of a block.
 */
function partsOf(e: Emitter, height: number, width: number): number {
  const most = Math.min(e.block - 1, height), needed = height * width / TERMS;
  const divisors = Array.from({ length: most }, (_, i) => i + 1).filter((n) => height % n === 0);
  return divisors.find((n) => n >= needed) ?? divisors.at(-1)!;
}

function filterGradOf(
  e: Emitter,
  image: Ref,
  gradient: Ref,
  [kernelHeight, kernelWidth]: readonly number[],
  strides: readonly [number, number],
  inBlocks: boolean,
): Ref {
  const [, inputs, height, width] = image.shape as [number, number, number, number];
  const [, outputs, h, w] = gradient.shape as [number, number, number, number];
  const b = e.block, together = inBlocks ? b : 1, planes = inputs / together;
  const columns = width - (w - 1) * strides[1];
  // The parts of the output's gradient become channels, each with the rows of the input that belong to it.
  const parts = partsOf(e, h, w), part = h / parts;
  const rows = (part - 1) * strides[0] + kernelHeight!;
  const met = Array.from(
    { length: parts * rows },
    (_, i) => Math.floor(i / rows) * part * strides[0] + i % rows,
  );
  const picture = e.reshape(image, [planes, height, width * together]);
  const meeting = met.length === height
    ? picture
    : e.emit("Gather", [picture, e.list(met)], [planes, met.length, width * together], { axis: 1 });
  const sums = call(
    e,
    "Conv",
    [
      e.reshape(meeting, [planes, parts, rows, width * together]),
      e.reshape(gradient, [outputs, parts, part, w]),
    ],
    [planes, outputs, kernelHeight!, columns * together],
    { kernel_shape: [part, w], dilations: [strides[0], strides[1] * together] },
  );
  const all = e.reshape(sums, [planes, outputs / b, kernelHeight!, columns, together * b]);
  const taps = e.slice(all, 3, 0, kernelWidth!);
  return e.reshape(e.transpose(taps, [1, 0, 2, 3, 4]), [
    outputs,
    inputs,
    kernelHeight!,
    kernelWidth!,
  ]);
}

/**
 * The filter's gradient of a 1x1 convolution to few channels: each channel is read as a picture, and the input as the
 * filters.
 */
function pointwiseGradOf(e: Emitter, image: Ref, gradient: Ref, out: readonly number[]): Ref {
  const [, inputs, height, width] = image.shape as [number, number, number, number];
  const outputs = out[3]!, parts = partsOf(e, height, width), part = height / parts;
  return call(
    e,
    "Conv",
    [
      e.reshape(gradient, [outputs, parts, part, width]),
      e.reshape(image, [inputs, parts, part, width]),
    ],
    [outputs, inputs, 1, 1],
    { kernel_shape: [part, width] },
  );
}
