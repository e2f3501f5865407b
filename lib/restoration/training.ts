// One compiled training step: the objective, its gradients, Adam and the average of the outputs.
import {
  adam,
  adamRates,
  compile,
  type CompiledStep,
  type CompileOptions,
  type Feed,
  type StepFunction,
  tf,
} from "../engine/mod.ts";
import { variablesOf, withLambda } from "../network/mod.ts";
import { type Random } from "../random/mod.ts";
import type { Objective } from "./objective.ts";

/** What one iteration gave; it is of the parameters before the iteration's update. */
export interface Iterate {
  readonly loss: number;
  readonly misfit: number;
  /** The data term of the average over the samples held out of the loss, if there are some. */
  readonly heldOut?: number;
  /** The noise's gain, if the objective knows it. */
  readonly gain?: number;
  /** The output, `[height, width, channels]`. */
  readonly output: Float32Array;
  /** The exponential average of the outputs so far. */
  readonly average: Float32Array;
  /** Milliseconds of the native run. */
  readonly milliseconds: number;
}

/** A training in progress. */
export interface Training {
  readonly step: CompiledStep;
  /** Makes one iteration; with λ for the network's Lipschitz control, if it is steered. */
  iterate(learningRate: number, lambda?: number): Promise<Iterate>;
  /** The model, its weights as they are after the last iteration asked for. */
  model(): Promise<tf.LayersModel>;
  /** Remembers this state: parameters, moments, average. */
  keep(): Promise<void>;
  /** Goes back to the state last remembered. */
  restore(): Promise<void>;
  /** Frees the native session and all tensors. */
  dispose(): void;
}

/** Options of {@linkcode startTraining}. */
export interface TrainingOptions extends Omit<CompileOptions, "inputs"> {
  /** The stream that random inputs are drawn from. */
  random: Random;
  /** How much of the average is kept from one iteration to the next; 0 averages nothing. */
  averaging: number;
  /** Whether λ is told at every iteration. */
  steered?: boolean;
}

/** A training step before it is compiled. */
export interface TrainingStep {
  readonly trainStep: StepFunction;
  /** The shapes of its inputs. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** Frees the objective, the optimiser and the average. */
  dispose(): void;
}

/**
 * An objective's training step as a tfjs function: gradients, Adam's update, the average of the outputs.
 *
 * @param objective The objective; it is freed with the step.
 * @param steered Whether the Lipschitz bound λ of the network is an input, `lambda`.
 * @returns The step. Beside the objective's inputs it takes {@linkcode adamRates} and `share`, the part of
 * this output in the average.
 */
export function trainingStep(objective: Objective, steered = false): TrainingStep {
  const variables = variablesOf(objective.model);
  const optimiser = adam(variables);
  // What tracing must not tidy away.
  const kept: tf.Tensor[] = [];
  const dispose = () => {
    optimiser.dispose();
    tf.dispose(kept);
    objective.dispose();
  };
  let average: tf.Variable | undefined;
  const trainStep: StepFunction = (inputs) => {
    let output!: tf.Tensor, misfit!: tf.Tensor, gain: tf.Tensor | undefined;
    const { value: loss, grads } = tf.variableGrads(() => {
      const { lambda } = inputs;
      const evaluation = lambda
        ? withLambda(lambda as tf.Scalar, () => objective.evaluate(inputs))
        : objective.evaluate(inputs);
      kept.push(output = tf.keep(evaluation.output));
      kept.push(misfit = tf.keep(evaluation.misfit));
      if (evaluation.gain) kept.push(gain = tf.keep(evaluation.gain));
      return evaluation.loss;
    }, variables);
    const gradients = variables.map((variable) => grads[variable.name] ?? tf.zerosLike(variable));
    optimiser.update(gradients, inputs["rate"]!, inputs["epsilon"]!);
    if (!average) kept.push(average = tf.variable(tf.zeros(output.shape), false));
    average.assign(average.add(output.sub(average).mul(inputs["share"]!)));
    // What is judged is what the run would return.
    const heldOut = objective.heldOut?.(average);
    const optional = { ...heldOut && { heldOut }, ...gain && { gain } };
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
    dispose,
  };
}

/**
 * Compiles an objective's training step.
 *
 * @param objective The objective; it is freed with the training.
 * @param options Randomness, averaging, threads, memory.
 * @returns The training, before its first iteration.
 */
export async function startTraining(
  objective: Objective,
  { random, averaging, steered, ...compiling }: TrainingOptions,
): Promise<Training> {
  const { trainStep, inputs, dispose } = trainingStep(objective, steered);
  let step: CompiledStep;
  try {
    step = await compile(trainStep, {
      ...compiling,
      inputs,
    });
  } catch (error) {
    dispose();
    throw error;
  }
  let updates = 0, kept = 0;
  let drawn: Record<string, Feed> | undefined;
  return {
    step,
    async iterate(learningRate, lambda) {
      const running = step.run({
        ...(drawn ?? objective.draw(random)),
        ...adamRates(learningRate, updates),
        ...lambda === undefined ? {} : { lambda },
        share: (1 - averaging) / (1 - averaging ** (updates + 1)),
      });
      updates++;
      // The next iteration's random numbers are drawn while this one runs.
      drawn = objective.draw(random);
      const { outputs, milliseconds } = await running;
      const heldOut = outputs["heldOut"]?.[0], gain = outputs["gain"]?.[0];
      if (gain !== undefined) objective.see?.(gain);
      return {
        loss: outputs["loss"]![0]!,
        misfit: outputs["misfit"]![0]!,
        ...heldOut === undefined ? {} : { heldOut },
        ...gain === undefined ? {} : { gain },
        output: outputs["output"]!,
        average: outputs["average"]!,
        milliseconds,
      };
    },
    async model() {
      await step.sync();
      return objective.model;
    },
    async keep() {
      kept = updates;
      await step.keep();
    },
    async restore() {
      updates = kept;
      await step.restore();
    },
    dispose() {
      step.dispose();
      dispose();
    },
  };
}
