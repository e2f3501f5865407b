// Replaces wrong gradients of tfjs: mirrorPad's ignores the border, resizeBilinear's ignores half-pixel centres,
// resizeNearestNeighbor's confuses the pictures of a batch, and that of a cast to whole numbers is not 0.
import * as tf from "@tensorflow/tfjs";
import { registerCpuKernel } from "./cpu_kernel.ts";

/** The name of the kernel that computes the gradient of `tf.mirrorPad`; tfjs itself has none. */
export const MirrorPadGrad = "MirrorPadGrad";

interface MirrorPadGradAttrs {
  paddings: [number, number][];
  mode: "reflect" | "symmetric";
  inputShape: number[];
}

/** Source index of padded position `i` along an axis of length `n`, mirrored with (`symmetric`) or without the edge. */
export function mirrorIndex(i: number, n: number, mode: "reflect" | "symmetric"): number {
  const offset = mode === "symmetric" ? 1 : 0;
  if (i < 0) return -i - offset;
  return i >= n ? 2 * n - 2 - i + offset : i;
}

/**
 * Taps of bilinear resampling with or without half-pixel centres: for each output position two source indices and the
 * upper one's weight.
 */
export function bilinearTaps(
  input: number,
  output: number,
  alignCorners: boolean,
  halfPixelCenters: boolean,
): { low: number; high: number; weight: number }[] {
  const scale = alignCorners && output > 1 ? (input - 1) / (output - 1) : input / output;
  return Array.from({ length: output }, (_, i) => {
    const at = Math.max(0, halfPixelCenters ? (i + 0.5) * scale - 0.5 : i * scale);
    const low = Math.min(Math.floor(at), input - 1);
    return { low, high: Math.min(low + 1, input - 1), weight: at - low };
  });
}

registerCpuKernel(MirrorPadGrad, (inputs, attrs, values) => {
  const dy = inputs["dy"]!;
  const { paddings, mode, inputShape } = attrs as unknown as MirrorPadGradAttrs;
  const from = values(dy);
  const strides = tf.util.computeStrides(inputShape);
  const sum = new Float64Array(tf.util.sizeFromShape(inputShape));
  const outer = [...tf.util.computeStrides(dy.shape), 1];
  for (let i = 0; i < from.length; i++) {
    let rest = i, at = 0;
    for (let axis = 0; axis < inputShape.length; axis++) {
      const position = Math.floor(rest / outer[axis]!);
      rest -= position * outer[axis]!;
      const n = inputShape[axis]!;
      at += mirrorIndex(position - paddings[axis]![0], n, mode) * (strides[axis] ?? 1);
    }
    sum[at]! += from[i]!;
  }
  return { shape: inputShape, values: Float32Array.from(sum) };
});

/** The source positions of an output position of a resampling, each with its weight. */
type Taps = readonly (readonly [source: number, weight: number])[];

/** Registers the gradient of a resampling, which is the adjoint of its taps. */
function registerResizeGrad<Attrs>(
  kernelName: string,
  tapsOf: (input: number, output: number, attrs: Attrs) => Taps[],
): void {
  registerCpuKernel(kernelName, (inputs, attrs, values) => {
    const dy = inputs["dy"]!, images = inputs["images"]!;
    const [batch, height, width, depth] = images.shape as [number, number, number, number];
    const [, rows, columns] = dy.shape as [number, number, number, number];
    const from = values(dy);
    const sum = new Float64Array(batch * height * width * depth);
    const down = tapsOf(height, rows, attrs as Attrs);
    const across = tapsOf(width, columns, attrs as Attrs);
    for (let b = 0, i = 0; b < batch; b++) {
      for (const vertical of down) {
        for (const horizontal of across) {
          for (let c = 0; c < depth; c++, i++) {
            for (const [y, v] of vertical) {
              for (const [x, h] of horizontal) {
                sum[((b * height + y) * width + x) * depth + c]! += v * h * from[i]!;
              }
            }
          }
        }
      }
    }
    return { shape: images.shape, values: Float32Array.from(sum) };
  });
}

registerResizeGrad<tf.ResizeBilinearAttrs>(
  tf.ResizeBilinearGrad,
  (input, output, { alignCorners, halfPixelCenters }) =>
    bilinearTaps(input, output, alignCorners, halfPixelCenters).map(({ low, high, weight }) =>
      ([[low, 1 - weight], [high, weight]] as const).filter(([, weight]) => weight > 0)
    ),
);

registerResizeGrad<tf.ResizeNearestNeighborAttrs>(
  tf.ResizeNearestNeighborGrad,
  (input, output, { alignCorners, halfPixelCenters }) => {
    const scale = alignCorners && output > 1 ? (input - 1) / (output - 1) : input / output;
    return Array.from({ length: output }, (_, i) => {
      const at = scale * (halfPixelCenters ? i + 0.5 : i);
      return [[Math.min(input - 1, alignCorners ? Math.round(at) : Math.floor(at)), 1]];
    });
  },
);

tf.unregisterGradient(tf.MirrorPad);
tf.registerGradient({
  kernelName: tf.MirrorPad,
  inputsToSave: ["x"],
  gradFunc: (dy, saved, attrs) => ({
    x: () =>
      tf.engine().runKernel(MirrorPadGrad, { dy: dy as tf.Tensor }, {
        ...attrs,
        inputShape: saved[0]!.shape,
      }) as tf.Tensor,
  }),
});

tf.unregisterGradient(tf.Cast);
tf.registerGradient({
  kernelName: tf.Cast,
  // Whole numbers and truth values are piecewise constant in x, so the gradient is 0.
  gradFunc: (dy, _saved, { dtype }) => ({
    x: () => dtype === "float32" ? (dy as tf.Tensor).clone() : tf.zerosLike(dy as tf.Tensor),
  }),
});
