// Named tensors in tfjs's own weights format.
import { tf } from "../engine/mod.ts";

/** What tfjs's `model.weights.bin` holds, and the `weights` of its manifest. */
export interface Weights {
  readonly specs: tf.io.WeightsManifestEntry[];
  readonly data: Uint8Array;
}

/** A tensor's shape and its values, row-major. */
export interface Values {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Writes named tensors as `tf.io.encodeWeights` does. */
export async function encodeWeights(named: ReadonlyMap<string, Values>): Promise<Weights> {
  const tensors = [...named].map(([name, { shape, values }]) => ({
    name,
    tensor: tf.tensor(values, [...shape]),
  }));
  try {
    const { data, specs } = await tf.io.encodeWeights(tensors);
    return { specs, data: new Uint8Array(data as ArrayBuffer) };
  } finally {
    tf.dispose(tensors);
  }
}

/** Reads them as `tf.io.decodeWeights` does. */
export function decodeWeights({ specs, data }: Weights): Map<string, Values> {
  const tensors = tf.io.decodeWeights(data.slice().buffer as ArrayBuffer, specs);
  const named = Object.entries(tensors).map(([name, tensor]) =>
    [name, { shape: tensor.shape, values: tensor.dataSync<"float32">() }] as const
  );
  tf.dispose(tensors);
  return new Map(named);
}
