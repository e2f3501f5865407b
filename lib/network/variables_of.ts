// The tf.Variables behind a model's weights.
import type { tf } from "../engine/mod.ts";

const variableOf = (weight: tf.LayersModel["weights"][number]): tf.Variable =>
  (weight as unknown as { val: tf.Variable }).val;

/**
 * The variables that hold a model's trainable weights, in the model's order.
 *
 * @param model Any tfjs layers model.
 * @returns Its variables, which a training step reads, differentiates by and assigns.
 */
export function variablesOf(model: tf.LayersModel): tf.Variable[] {
  return model.trainableWeights.map(variableOf);
}

/**
 * The names of a model's weights, as tfjs saves them; alike each time the model is built.
 *
 * @param model Any tfjs layers model.
 * @returns A name for the variable of each weight, trainable or not.
 */
export function weightNamesOf(model: tf.LayersModel): Map<tf.Variable, string> {
  const taken = new Set<string>();
  return new Map(model.weights.map((weight, i) => {
    const { originalName } = weight;
    const name = taken.has(originalName) ? `${originalName}_${i}` : originalName;
    taken.add(name);
    return [variableOf(weight), name];
  }));
}
