// The spectral norms of a network's convolutions as they are now, for the record of a run.
import { tf } from "../engine/mod.ts";
import { largestSingularValue } from "./_largest_singular_value.ts";
import type { ConvolutionKernel, HasConvolutionKernel } from "./layers/convolution_kernel.ts";
import { transferMatrices } from "./layers/operator_norm.ts";

/** The norm of one convolution. */
export interface LayerNorm {
  /** The layer's name. */
  readonly layer: string;
  /** The spectral norm of its kernel, one row an output channel. */
  readonly kernel: number;
  /** The same of the kernel it convolves with: after its control, if it has one. */
  readonly controlled: number;
}

/**
 * The spectral norm of every convolution's kernel, before and after its Lipschitz control, in float64.
 *
 * `controlled` is the smaller of `kernel` and λ where λ bounds the kernel's norm. Where it bounds the
 * operator's, the divisor comes from that norm, and `controlled` is again the kernel's norm after
 * division: usually well below λ. That norm takes some thirty times as long.
 *
 * @param model Any tfjs layers model; layers of tfjs itself count as not controlled, depthwise and
 * separable ones are left out.
 * @param lambda The bound that {@linkcode withLambda} put in the place of the layers' own, if it did.
 * @returns The norms, in the model's order of layers.
 *
 * @example
 * ```ts
 * import { decoder } from "./decoder.ts";
 * import { layerNorms } from "./layer_norms.ts";
 * import assert from "node:assert/strict";
 * const network = decoder({ channels: 8, scales: 1, lipschitz: 1.4 });
 * const { model } = network.build({ height: 8, width: 8, channels: 3 }, 1);
 * const norms = layerNorms(model);
 * assert.equal(norms.length, 5);
 * const first = norms[0]!;
 * assert.equal(first.layer, "scale0_1_conv");
 * assert.equal(first.controlled, Math.min(first.kernel, 1.4));
 * model.dispose();
 * ```
 */
export function layerNorms(model: tf.LayersModel, lambda?: number): LayerNorm[] {
  return model.layers.flatMap((layer) => {
    const convolution = convolutionOf(layer);
    if (!convolution) return [];
    const { lipschitz: own, lipschitzNorm } = convolution;
    const lipschitz = own > 0 ? lambda ?? own : own;
    const kernel = kernelNorm(convolution);
    let controlled = kernel;
    if (lipschitz > 0) {
      controlled = lipschitzNorm === "kernel"
        ? Math.min(kernel, lipschitz)
        : kernel / Math.max(1, transferNorm(convolution) / lipschitz);
    }
    return [{ layer: layer.name, kernel, controlled }];
  });
}

function convolutionOf(layer: tf.layers.Layer): ConvolutionKernel | undefined {
  if ("convolution" in layer) return (layer as unknown as HasConvolutionKernel).convolution;
  const weight = layer.weights.find(({ originalName, shape }) =>
    originalName.endsWith("/kernel") && shape.length === 4
  );
  if (!weight) return undefined;
  return {
    kernel: weight.read() as tf.Tensor4D,
    transposed: layer.getClassName() === "Conv2DTranspose",
    stride: 1,
    lipschitz: 0,
    lipschitzNorm: "kernel",
  };
}

function kernelNorm({ kernel, transposed }: ConvolutionKernel): number {
  const outputs = kernel.shape[transposed ? 2 : 3];
  const values = valuesOf(() => transposed ? kernel.transpose([0, 1, 3, 2]) : kernel.clone());
  return largestSingularValue(values, values.length / outputs, outputs);
}

/** The largest over the frequencies that the graph's operator norm looks at. */
function transferNorm({ kernel, stride }: ConvolutionKernel): number {
  let [frequencies, rows, columns] = [0, 0, 0];
  // A complex matrix has the singular values of [[Re, -Im], [Im, Re]].
  const values = valuesOf(() => {
    const { re, im } = transferMatrices(kernel, stride);
    const matrices = tf.concat([tf.concat([re, im.neg()], 2), tf.concat([im, re], 2)], 1);
    [frequencies, rows, columns] = matrices.shape as [number, number, number];
    return matrices;
  });
  const size = rows * columns;
  return Math.max(
    ...Array.from(
      { length: frequencies },
      (_, f) => largestSingularValue(values.subarray(f * size, (f + 1) * size), rows, columns),
    ),
  );
}

/** tf.tidy() would look at every number of an array that it returns. */
function valuesOf(compute: () => tf.Tensor): Float32Array {
  const tensor = tf.tidy(compute), values = tensor.dataSync<"float32">();
  tensor.dispose();
  return values;
}
