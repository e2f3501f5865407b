// The training step: the objective, its gradients, Adam, and the average of the outputs, as a tfjs function.
import { adam, flatten, type StepFunction, tf, unflatten } from "../engine/mod.ts";
import { variablesOf, weightNamesOf, withLambda } from "../network/mod.ts";
import type { Objective } from "./objective.ts";

/** A training step before compilation. */
export interface TrainingStep {
  readonly trainStep: StepFunction;
  /** The shapes of its inputs. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** A name for each variable that a step assigns; complete after the step has been traced. */
  names(): ReadonlyMap<tf.Variable, string>;
  /** The average of each weight, if a step uses a part of the picture. */
  readonly averages: readonly tf.Variable[];
  /** Frees the objective, the optimiser and the average. */
  dispose(): void;
}

/**
 * The training step of an objective as a tfjs function: gradients, Adam's update, the average of the outputs.
 *
 * @param objective The objective; it is freed with the step.
 * @param steered Whether the Lipschitz bound λ of the network is an input, `lambda`.
 * @returns The step. Besides the objective's inputs it takes {@linkcode adamScalars} and `share`, the weight of the
 * new output in the average.
 */
export function trainingStep(objective: Objective, steered = false): TrainingStep {
  const variables = variablesOf(objective.model);
  const optimiser = adam(variables);
  const shapes = variables.map(({ shape }) => shape);
  const averages = objective.whole
    ? shapes.map((shape) => tf.tidy(() => tf.variable(tf.zeros(shape), false)))
    : [];
  // Tensors that must survive tracing.
  const kept: tf.Tensor[] = [...averages];
  const dispose = () => {
    optimiser.dispose();
    tf.dispose(kept);
    objective.dispose();
  };
  let average: tf.Variable | undefined;
  const trainStep: StepFunction = (inputs) => {
    let output!: tf.Tensor, misfit!: tf.Tensor, divergence: tf.Tensor | undefined;
    const { value: loss, grads } = tf.variableGrads(() => {
      const { lambda } = inputs;
      const evaluation = lambda
        ? withLambda(lambda as tf.Scalar, () => objective.evaluate(inputs))
        : objective.evaluate(inputs);
      kept.push(output = tf.keep(evaluation.output));
      kept.push(misfit = tf.keep(evaluation.misfit));
      if (evaluation.divergence) kept.push(divergence = tf.keep(evaluation.divergence));
      return evaluation.loss;
    }, variables);
    const gradients = variables.map((variable) => grads[variable.name] ?? tf.zerosLike(variable));
    optimiser.update(gradients, inputs["rate"]!, inputs["epsilon"]!);
    if (objective.whole) {
      const before = flatten(averages);
      const change = flatten(variables).sub(before).mul(inputs["share"]!);
      const after = unflatten(before.add(change) as tf.Tensor1D, shapes);
      averages.forEach((variable, i) => variable.assign(after[i]!));
      return { loss, misfit, output };
    }
    if (!average) kept.push(average = tf.variable(tf.zeros(output.shape), false));
    average.assign(average.add(output.sub(average).mul(inputs["share"]!)));
    // The held-out pixels judge the average, because the run returns it.
    const heldOut = objective.heldOut?.(average);
    const optional = { ...heldOut && { heldOut }, ...divergence && { divergence } };
    return { loss, misfit, ...optional, output, average };
  };
  return {
    trainStep,
    inputs: {
      ...objective.inputs,
      rate: [],
      epsilon: [],
      share: [],
      ...steered ? { lambda: [] } : {},
    },
    names() {
      const [first, second] = optimiser.moments;
      const own = [[first, "adam/first"], [second, "adam/second"]] as const;
      const weights = weightNamesOf(objective.model);
      const names = new Map<tf.Variable, string>([...weights, ...own]);
      averages.forEach((variable, i) =>
        names.set(variable, `average/${weights.get(variables[i]!)}`)
      );
      return average ? names.set(average, "average") : names;
    },
    averages,
    dispose,
  };
}
