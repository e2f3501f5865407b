// Two-dimensional convolution and its gradients by input and filter.
import { convolutionOf, isByWinograd, isPlain } from "../convolutions.ts";
import { UnsupportedKernelError } from "../errors.ts";
import type { Emitter, Lowering } from "../emitter.ts";
import type { ConvolutionAttributes } from "../kernels.ts";
import type { Value } from "../graph.ts";
import { blockedImage, FILTER, IMAGE } from "../layout.ts";
import type { Ref } from "../onnx.ts";
import { blockedConvolution, blockedFilterGrad, blockedInputGrad } from "./blocked.ts";
import { unmirror, unmirrorBlocked, zeroPad } from "./padding.ts";
import { winogradFilterGrad, winogradForward, winogradInputGrad } from "./winograd.ts";

type Sides = readonly [number, number];

const forward: Lowering = (e, node, path) => {
  const convolution = convolutionOf(node)!;
  const isTransformed = isByWinograd(convolution, path, e.block);
  if (!isTransformed && blockedConvolution(e, convolution)) return;
  const { input, filter, output, attributes: { strides, dilations, pads } } = convolution;
  const image = e.ref(input, IMAGE), kernel = e.ref(filter, FILTER);
  if (isTransformed) return e.define(output, winogradForward(e, image, kernel), IMAGE);
  const [batch, height, width, channels] = output.shape as [number, number, number, number];
  if (image.shape[1] !== kernel.shape[1]) {
    throw new UnsupportedKernelError("Conv2D", "with groups of channels has no lowering");
  }
  e.define(
    output,
    e.emit("Conv", [image, kernel], [batch, channels, height, width], {
      kernel_shape: kernel.shape.slice(2),
      strides,
      dilations,
      pads,
    }),
    IMAGE,
  );
};

/** The filter turned by 180 degrees, input and output channels exchanged. */
function adjoint(e: Emitter, filter: Ref): Ref {
  const [outputs, inputs, rows, columns] = filter.shape as [number, number, number, number];
  return e.once(`adjoint ${filter.name}`, () => {
    const taps = e.reshape(filter, [outputs, inputs, rows * columns]);
    const turned = rows * columns > 1 ? e.slice(taps, 2, rows * columns - 1, -1, -1) : taps;
    return e.transpose(e.reshape(turned, filter.shape), [1, 0, 2, 3]);
  });
}

/** The key under which the filter's gradient made from `dy` is kept. */
const filterGradKey = (dy: Value) => `filter gradient from ${dy.id}`;

const inputGrad: Lowering = (e, node, path) => {
  const convolution = convolutionOf(node)!;
  const { input, filter, output, attributes: { strides, dilations, pads } } = convolution;
  // Compute the filter's gradient first: it is the last to need the layer's input, which can then be freed.
  const done = e.known(filterGradKey(output));
  const isTransformed = isByWinograd(convolution, path, e.block);
  const blocked = isTransformed ? undefined : blockedInputGrad(e, convolution, done);
  if (blocked) return e.define(input, blocked, blockedImage(e.block));
  const kernel = e.ref(filter, FILTER);
  if (isTransformed) {
    return e.define(input, winogradInputGrad(e, e.ref(output, IMAGE), kernel, 0, done), IMAGE);
  }
  const gradient = done ? e.after(e.ref(output, IMAGE), done) : e.ref(output, IMAGE);
  const [batch, height, width, channels] = input.shape as [number, number, number, number];
  const shape = [batch, channels, height, width];
  const taps = kernel.shape.slice(2) as [number, number];
  const reach = taps.map((n, i) => (n - 1) * dilations[i]!);
  const rest = [reach[0]! - pads[0], reach[1]! - pads[1], reach[0]! - pads[2], reach[1]! - pads[3]];
  if (strides.every((n) => n === 1) && rest.every((n) => n >= 0)) {
    return e.define(
      input,
      e.emit("Conv", [gradient, adjoint(e, kernel)], shape, {
        kernel_shape: taps,
        dilations,
        pads: rest,
      }),
      IMAGE,
    );
  }
  const covered = strides.map((stride, i) => (gradient.shape[2 + i]! - 1) * stride + reach[i]! + 1);
  const left = [height + pads[0] + pads[2], width + pads[1] + pads[3]].map((n, i) =>
    n - covered[i]!
  );
  e.define(
    input,
    e.emit("ConvTranspose", [gradient, kernel], shape, {
      kernel_shape: taps,
      strides,
      dilations,
      pads,
      output_padding: left,
    }),
    IMAGE,
  );
};

/**
 * The input's gradient through reflection padding by 1: that of a zero-padded convolution, plus, on the second row
 * and column from each edge, the gradient of the mirrored pixels beyond it.
 */
const mirroredInputGrad: Lowering = (e, node, path) => {
  const convolution = convolutionOf(node)!, { input, filter, output } = convolution;
  const done = e.known(filterGradKey(output));
  const isTransformed = isByWinograd(convolution, path, e.block);
  const [batch, height, width, channels] = input.shape as [number, number, number, number];
  const padded = [batch, height + 2, width + 2, channels];
  const blocked = isTransformed ? undefined : blockedInputGrad(e, convolution, done, padded);
  if (blocked) {
    const unpadded = unmirrorBlocked(e, blocked, [[1, 1], [1, 1]], "reflect");
    return e.define(input, unpadded, blockedImage(e.block));
  }
  const gradient = e.ref(output, IMAGE), kernel = e.ref(filter, FILTER);
  const turned = adjoint(e, kernel);
  const inside = isTransformed
    ? winogradInputGrad(e, gradient, kernel, 1, done)
    : e.emit("Conv", [done ? e.after(gradient, done) : gradient, turned], [
      batch,
      channels,
      height,
      width,
    ], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });

  // Only the outermost row or column of dy and one side of the kernel contribute beyond an edge.
  const beyond = (axis: 2 | 3, at: number, side: number): Ref => {
    const along = axis === 2 ? [1, width + 2] : [height + 2, 1];
    return e.emit(
      "Conv",
      [e.slice(gradient, axis, at, at + 1), e.slice(turned, axis, side, side + 1)],
      [batch, channels, ...along],
      {
        kernel_shape: axis === 2 ? [1, 3] : [3, 1],
        pads: axis === 2 ? [0, 2, 0, 2] : [2, 0, 2, 0],
      },
    );
  };
  const rows = e.concat([beyond(2, 0, 2), beyond(2, height - 1, 0)], 2);
  const columns = e.concat([beyond(3, 0, 2), beyond(3, width - 1, 0)], 3);
  const withRows = addLines(e, inside, 2, e.slice(rows, 3, 1, width + 1));
  e.define(input, addLines(e, withRows, 3, unmirror(e, columns, 2, [1, 1], "reflect")), IMAGE);
};

/** Adds two lines to the second and the last but one along an axis; in place, because nothing else reads `x`. */
function addLines(e: Emitter, x: Ref, axis: 2 | 3, lines: Ref): Ref {
  const at = [1, x.shape[axis]! - 2];
  const indices = e.once(`lines ${axis} ${at} ${lines.shape}`, () => {
    const inner = axis === 2 ? lines.shape[3]! : 1;
    const count = lines.shape.reduce((a, b) => a * b);
    const values = Float64Array.from({ length: count }, (_, i) => at[Math.floor(i / inner) % 2]!);
    return e.constant(values, lines.shape, "int64");
  });
  return e.emit("ScatterElements", [x, indices, lines], x.shape, { axis, reduction: "add" });
}

/**
 * The filter's gradient of one picture, as one three-dimensional convolution: the input with its channels as depth,
 * the output's gradient as the filters. This is twice as fast as one product for each tap.
 */
function filterGradOf(
  e: Emitter,
  image: Ref,
  gradient: Ref,
  [rows, columns]: Sides,
  { strides, dilations, pads }: ConvolutionAttributes,
): Ref {
  const inputs = image.shape[1]!;
  const [, outputs, height, width] = gradient.shape as [number, number, number, number];
  if (rows === 1 && columns === 1 && isPlain({ strides, dilations, pads })) {
    const [dy, x] = [
      e.reshape(gradient, [outputs, height * width]),
      e.reshape(image, [inputs, height * width]),
    ];
    const product = e.emit("Gemm", [dy, x], [outputs, inputs], { transB: 1 });
    return e.reshape(product, [outputs, inputs, 1, 1]);
  }
  const used = [
    (height - 1) * strides[0] + (rows - 1) * dilations[0] + 1,
    (width - 1) * strides[1] + (columns - 1) * dilations[1] + 1,
  ] as const;
  const padded = zeroPad(e, image, pads);
  const cropped = e.slice(e.slice(padded, 2, 0, used[0]), 3, 0, used[1]);
  const deep = e.reshape(e.transpose(cropped, [0, 2, 3, 1]), [1, 1, ...used, inputs]);
  const kernels = e.reshape(gradient, [outputs, 1, height, width, 1]);
  const taps = e.emit("Conv", [deep, kernels], [1, outputs, rows, columns, inputs], {
    kernel_shape: [height, width, 1],
    strides: [...dilations, 1],
    dilations: [...strides, 1],
  });
  return e.transpose(e.reshape(taps, [outputs, rows, columns, inputs]), [0, 3, 1, 2]);
}

const filterGrad: Lowering = (e, node, path) => {
  const convolution = convolutionOf(node)!, { input, filter, output, attributes } = convolution;
  // If several filters have the same output gradient, it is enough to wait for the first.
  const done = (gradient: Ref) => void e.once(filterGradKey(output), () => gradient);
  const isTransformed = isByWinograd(convolution, path, e.block);
  const blocked = isTransformed ? undefined : blockedFilterGrad(e, convolution);
  if (blocked) return done(blocked);
  const image = e.ref(input, IMAGE), gradient = e.ref(output, IMAGE);
  if (isTransformed) {
    const taps = winogradFilterGrad(e, image, gradient);
    done(taps);
    return e.define(filter, taps, FILTER);
  }
  const sides = filter.shape.slice(0, 2) as [number, number];
  const sums = Array.from(
    { length: image.shape[0]! },
    (_, n) =>
      filterGradOf(
        e,
        e.slice(image, 0, n, n + 1),
        e.slice(gradient, 0, n, n + 1),
        sides,
        attributes,
      ),
  );
  const total = sums.reduce((a, b) => e.binary("Add", a, b));
  done(total);
  e.define(filter, total, FILTER);
};

/** Lowerings by operator. */
export const convolution: Record<string, Lowering> = {
  Conv: forward,
  ConvInputGrad: inputGrad,
  ConvFilterGrad: filterGrad,
  MirroredConvInputGrad: mirroredInputGrad,
};
