// The current spectral norms of a network's convolutions, for the record of a run.
import { tf } from "../engine/mod.ts";
import type { ConvolutionKernel, HasConvolutionKernel } from "./layers/convolution_kernel.ts";
import { transferMatrices } from "./layers/operator_norm.ts";

/** The norm of one convolution. */
export interface LayerNorm {
  /** The layer's name. */
  readonly layer: string;
  /** The spectral norm of its kernel, one row an output channel. */
  readonly kernel: number;
  /** The spectral norm of the kernel after its Lipschitz control, if it has one. */
  readonly controlled: number;
}

/**
 * The spectral norm of every convolution's kernel, before and after its Lipschitz control, in float64.
 *
 * `controlled` is the smaller of `kernel` and λ where λ bounds the kernel's norm. Where λ bounds the operator's norm,
 * the kernel is divided according to that norm, and `controlled` is the kernel's norm after division, usually well
 * below λ. The operator's norm takes some thirty times as long.
 *
 * @param model Any tfjs layers model. Layers of tfjs itself count as not controlled; depthwise and separable ones are
 * left out.
 * @param lambda The bound, if {@linkcode withLambda} replaces those of the layers.
 * @returns The norms, in the model's order of layers.
 *
 * @example
 * ```ts
 * import { decoder } from "./decoder.ts";
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

/** The largest singular value over the frequencies that the operator norm in the graph uses. */
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

/** Reads values without tf.tidy(), which would inspect every number of an array that it returns. */
function valuesOf(compute: () => tf.Tensor): Float32Array {
  const tensor = tf.tidy(compute), values = tensor.dataSync<"float32">();
  tensor.dispose();
  return values;
}

/** Steps between two checks for convergence. */
const STEPS = 4;

/** A value has converged if it changed by less than this part since the last check; its error is then far smaller. */
const SETTLED = 1e-7;

/**
 * The largest singular value of a matrix M, by Lanczos's method for MᵀM with full reorthogonalisation (Golub and Van
 * Loan, Matrix Computations, section 10.1). It is exact after as many steps as M has columns, and converges much
 * earlier.
 *
 * @param matrix The matrix, row-major.
 * @param rows The number of rows.
 * @param columns The number of columns; faster if it is the smaller number.
 * @returns The singular value.
 */
function largestSingularValue(
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
): number {
  const padded = new Float64Array(Math.ceil(rows / 4) * 4 * columns);
  padded.set(matrix);
  // An initial vector without symmetry, so that it is not orthogonal to an eigenvector.
  let vector: Float64Array = Float64Array.from(
    { length: columns },
    (_, i) => 1 + 0.5 * Math.sin(1 + i * i),
  );
  let length = Math.sqrt(dot(vector, vector));
  const basis: Float64Array[] = [], diagonal: number[] = [], beside: number[] = [];
  for (let last = 0;;) {
    vector = vector.map((value) => value / length);
    basis.push(vector);
    const next = gramProduct(padded, columns, vector);
    diagonal.push(dot(next, vector));
    // The second pass removes the rounding errors of the first.
    for (const known of [...basis, ...basis]) {
      const along = dot(next, known);
      for (let i = 0; i < columns; i++) next[i]! -= along * known[i]!;
    }
    length = Math.sqrt(dot(next, next));
    const done = basis.length === columns || !(length > 1e-14 * diagonal[0]!);
    if (done || basis.length % STEPS === 0) {
      const eigenvalue = largestOfTridiagonal(diagonal, beside);
      if (done || eigenvalue - last <= SETTLED * eigenvalue) {
        return Math.sqrt(Math.max(0, eigenvalue));
      }
      last = eigenvalue;
    }
    beside.push(length);
    vector = next;
  }
}

/** MᵀM v, four rows at a time: with a single sum every addition would wait for the one before. */
function gramProduct(matrix: Float64Array, columns: number, vector: Float64Array): Float64Array {
  const product = new Float64Array(columns);
  for (let a = 0; a < matrix.length; a += 4 * columns) {
    const b = a + columns, c = b + columns, d = c + columns;
    let p = 0, q = 0, r = 0, s = 0;
    for (let j = 0; j < columns; j++) {
      const v = vector[j]!;
      p += matrix[a + j]! * v;
      q += matrix[b + j]! * v;
      r += matrix[c + j]! * v;
      s += matrix[d + j]! * v;
    }
    for (let j = 0; j < columns; j++) {
      product[j]! += matrix[a + j]! * p + matrix[b + j]! * q + matrix[c + j]! * r +
        matrix[d + j]! * s;
    }
  }
  return product;
}

/**
 * The largest eigenvalue of a tridiagonal matrix T by bisection: all are below x if every pivot of T - x is negative.
 */
function largestOfTridiagonal(diagonal: readonly number[], beside: readonly number[]): number {
  const reach = (i: number) => (beside[i - 1] ?? 0) + (beside[i] ?? 0);
  let low = Math.max(...diagonal), high = Math.max(...diagonal.map((d, i) => d + reach(i)));
  const isAbove = (x: number): boolean => {
    let pivot = -1;
    return diagonal.every((d, i) => {
      pivot = d - x - (i === 0 ? 0 : beside[i - 1]! ** 2 / pivot);
      return pivot < 0;
    });
  };
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (isAbove(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
