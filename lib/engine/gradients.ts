// The two tfjs gradients that are wrong, replaced: mirrorPad (border terms dropped) and resizeBilinear (half-pixel centres ignored).
import * as tf from "@tensorflow/tfjs";
import { registerCpuKernel } from "./cpu_kernel.ts";

/** The name of the kernel that back-propagates through `tf.mirrorPad`; tfjs itself has none. */
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

/** Weights of half-pixel or legacy bilinear resampling: for each output position two source indices and the upper one's weight. */
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

registerCpuKernel(tf.ResizeBilinearGrad, (inputs, attrs, values) => {
  const dy = inputs["dy"]!, images = inputs["images"]!;
  const { alignCorners, halfPixelCenters } = attrs as unknown as tf.ResizeBilinearAttrs;
  const [batch, height, width, depth] = images.shape as [number, number, number, number];
  const [, rows, columns] = dy.shape as [number, number, number, number];
  const from = values(dy);
  const sum = new Float64Array(batch * height * width * depth);
  const down = bilinearTaps(height, rows, alignCorners, halfPixelCenters);
  const across = bilinearTaps(width, columns, alignCorners, halfPixelCenters);
  for (let b = 0, i = 0; b < batch; b++) {
    for (const v of down) {
      for (const h of across) {
        const corners = [
          [v.low, h.low, (1 - v.weight) * (1 - h.weight)],
          [v.low, h.high, (1 - v.weight) * h.weight],
          [v.high, h.low, v.weight * (1 - h.weight)],
          [v.high, h.high, v.weight * h.weight],
        ] as const;
        for (let c = 0; c < depth; c++, i++) {
          for (const [y, x, weight] of corners) {
            sum[((b * height + y) * width + x) * depth + c]! += weight * from[i]!;
          }
        }
      }
    }
  }
  return { shape: images.shape, values: Float32Array.from(sum) };
});

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
