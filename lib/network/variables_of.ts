// The tf.Variables behind a model's weights.
import type { tf } from "../engine/mod.ts";

/**
 * The variables that hold a model's trainable weights, in the model's order.
 *
 * @param model Any tfjs layers model.
 * @returns Its variables, which a training step reads, differentiates by and assigns.
 */
export function variablesOf(model: tf.LayersModel): tf.Variable[] {
  return model.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val);
}
