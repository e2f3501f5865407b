// Registers a kernel on tfjs's cpu backend from a function over plain arrays.
import * as tf from "@tensorflow/tfjs";

/** A result of a cpu kernel. */
export interface CpuResult {
  shape: readonly number[];
  values: Float32Array;
}

interface CpuBackend extends tf.KernelBackend {
  data: tf.DataStorage<{ values: Float32Array }>;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: Float32Array): tf.TensorInfo;
}

/**
 * Registers (or replaces) a float32 kernel of tfjs's cpu backend.
 *
 * @param kernelName The kernel's name.
 * @param compute Computes the results from the inputs (by name, or by number if the kernel takes a list), the
 * attributes and a reader of an input's values.
 */
export function registerCpuKernel(
  kernelName: string,
  compute: (
    inputs: tf.NamedTensorInfoMap,
    attrs: Readonly<Record<string, unknown>>,
    values: (tensor: tf.TensorInfo) => Float32Array,
  ) => CpuResult | CpuResult[],
): void {
  if (tf.getKernel(kernelName, "cpu")) tf.unregisterKernel(kernelName, "cpu");
  tf.registerKernel({
    kernelName,
    backendName: "cpu",
    kernelFunc: ({ inputs, attrs, backend }) => {
      const cpu = backend as CpuBackend;
      const info = ({ shape, values }: CpuResult) =>
        cpu.makeTensorInfo([...shape], "float32", values);
      const results = compute(inputs, attrs ?? {}, (t) => cpu.data.get(t.dataId).values);
      return Array.isArray(results) ? results.map(info) : info(results);
    },
  });
}
