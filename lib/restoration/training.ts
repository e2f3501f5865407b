// A training: the compiled training step, its random inputs, and the state to which a divergence returns.
import {
  adamScalars,
  compile,
  type CompiledStep,
  type CompileOptions,
  type Feed,
  tf,
} from "../engine/mod.ts";
import { type Random } from "../random/mod.ts";
import type { Objective } from "./objective.ts";
import { trainingStep } from "./training_step.ts";
import { decodeWeights, encodeWeights, type Values, type Weights } from "./weights.ts";

/** The result of one iteration, computed with the parameters before the iteration's update. */
export interface Iterate {
  readonly loss: number;
  readonly misfit: number;
  /** The data term of the average over the samples held out of the loss, if there are some. */
  readonly heldOut?: number;
  /** The divergence per sample, if the objective computes it. */
  readonly divergence?: number;
  /** The output, `[height, width, channels]`; if a step uses a part of the picture, the picture so far. */
  readonly output: Float32Array;
  /** The average of the outputs so far. */
  readonly average: Float32Array;
  /** Milliseconds of the native run. */
  readonly milliseconds: number;
}

/** The network that is trained. */
export interface TrainedNetwork {
  readonly step: CompiledStep;
  /** The model, with the weights after the last iteration asked for. */
  model(): Promise<tf.LayersModel>;
  /**
   * The exponential average of each weight over the iterations, in the order of {@linkcode variablesOf}; only if a
   * step uses a part of the picture.
   */
  averagedWeights(): Promise<Float32Array[]>;
}

/** Computes the iterations of a run. */
export interface Training {
  /** The network; undefined in plug-and-play, which has none. */
  readonly network?: TrainedNetwork;
  /** Computes one iteration; `lambda` is the Lipschitz bound, if it is adapted. */
  iterate(learningRate: number, lambda?: number): Promise<Iterate>;
  /** Stores the state: parameters, moments, average, and the objective's state. */
  keep(): Promise<void>;
  /** Returns to the stored state; the random numbers are not repeated. */
  restore(): Promise<void>;
  /** The whole state after the last iteration asked for as plain data, for a checkpoint. */
  state(): Promise<TrainingState>;
  /**
   * Sets the state of a new training of the same objective to what {@linkcode Training.state} returned.
   *
   * @throws {RangeError} If the network has other weights.
   */
  restoreState(state: TrainingState): Promise<void>;
  /** Frees the native session, after the iteration in progress, and all tensors. */
  dispose(): Promise<void>;
}

/** The state of a training as plain data. */
export interface TrainingState {
  /** Updates done, and updates done up to the stored state. */
  readonly updates: number;
  readonly kept: number;
  /** The states of the random stream and the objective before the next iteration's inputs were drawn. */
  readonly drawnFrom: DrawState;
  /** The state of the objective now; a divergence may have changed it since. */
  readonly objective: unknown;
  /** The state of the objective in the stored state. */
  readonly keptObjective: unknown;
  /**
   * The network's weights by tfjs's names, Adam's moments and the average; those of the stored state, if they differ,
   * under `kept/`.
   */
  readonly weights: Weights;
  /** The picture so far, if a step uses a part of it. */
  readonly whole?: unknown;
}

/** The states on which random inputs depend. */
export interface DrawState {
  readonly random: readonly number[];
  readonly objective: unknown;
}

/** Options of {@linkcode startTraining}. */
export interface TrainingOptions extends Omit<CompileOptions, "inputs"> {
  /** The random stream of the inputs. */
  random: Random;
  /** The weight of the old average in the exponential average; 0 averages nothing. */
  averaging: number;
  /** Whether λ is given at every iteration. */
  steered?: boolean;
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
  const { trainStep, inputs, names, averages, dispose } = trainingStep(objective, steered);
  const { whole } = objective;
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
  let updates = 0, kept = 0, isKept = false, keptObjective: unknown;
  let drawn: Record<string, Feed> | undefined;
  let drawnFrom: DrawState = { random: [], objective: undefined };
  const draw = () => {
    drawnFrom = { random: random.state(), objective: objective.state?.() };
    drawn = objective.draw(random);
    return drawn;
  };
  const named = (prefix: string, read: ReadonlyMap<tf.Variable, Float32Array>) => {
    const all = names();
    return [...read].map(([variable, values]): [string, Values] => {
      const name = all.get(variable);
      if (name === undefined) throw new Error(`the step assigns an unknown ${variable.name}`);
      return [prefix + name, { shape: variable.shape, values }];
    });
  };
  const load = async (prefix: string, weights: ReadonlyMap<string, Values>) => {
    const assigned = [...(await step.read()).keys()], all = names();
    const values = assigned.map((variable) => weights.get(prefix + all.get(variable)));
    const fits = assigned.every(({ shape }, i) => `${shape}` === `${values[i]?.shape}`);
    if (!fits) throw new RangeError("`network` has other weights than the checkpoint");
    tf.tidy(() =>
      assigned.forEach((variable, i) =>
        variable.assign(tf.tensor(values[i]!.values, variable.shape))
      )
    );
    await step.load();
  };
  const network: TrainedNetwork = {
    step,
    async model() {
      await step.sync();
      return objective.model;
    },
    async averagedWeights() {
      const values = await step.read();
      return averages.map((variable) => values.get(variable)!);
    },
  };
  return {
    network,
    async iterate(learningRate, lambda) {
      const feeds = drawn ?? draw();
      const running = step.run({
        ...feeds,
        ...adamScalars(learningRate, updates),
        ...lambda === undefined ? {} : { lambda },
        share: (1 - averaging) / (1 - averaging ** (updates + 1)),
      });
      updates++;
      isKept = false;
      // Draw the next iteration's random numbers while this one runs.
      draw();
      const { outputs, milliseconds } = await running;
      const heldOut = outputs["heldOut"]?.[0], divergence = outputs["divergence"]?.[0];
      if (divergence !== undefined) objective.observeDivergence?.(divergence);
      if (Number.isFinite(outputs["loss"]![0]!)) whole?.add(feeds, outputs["output"]!);
      const soFar = whole?.image().data;
      return {
        loss: outputs["loss"]![0]!,
        misfit: outputs["misfit"]![0]!,
        ...heldOut === undefined ? {} : { heldOut },
        ...divergence === undefined ? {} : { divergence },
        output: soFar ?? outputs["output"]!,
        average: soFar ?? outputs["average"]!,
        milliseconds,
      };
    },
    async keep() {
      kept = updates;
      keptObjective = objective.state?.();
      isKept = true;
      await step.keep();
    },
    async restore() {
      updates = kept;
      isKept = true;
      objective.restoreState?.(keptObjective);
      if (drawn) {
        // Repeat the random numbers with the objective's state of now.
        random.restoreState(drawnFrom.random);
        draw();
      }
      await step.restore();
    },
    async state() {
      // Request everything before the first wait, because the next iteration may be started meanwhile.
      const counts = {
        updates,
        kept,
        drawnFrom,
        objective: objective.state?.(),
        keptObjective,
        whole: whole && structuredClone(whole.state()),
      };
      const reads = isKept ? [step.read()] : [step.read(), step.read(true)];
      const [now, before] = await Promise.all(reads);
      const tensors = [...named("", now!), ...before ? named("kept/", before) : []];
      return { ...counts, weights: await encodeWeights(new Map(tensors)) };
    },
    async restoreState(state) {
      const weights = decodeWeights(state.weights);
      ({ updates, kept, keptObjective } = state);
      const isApart = weights.keys().some((name) => name.startsWith("kept/"));
      if (isApart) {
        await load("kept/", weights);
        await step.keep();
      }
      await load("", weights);
      if (!isApart) await step.keep();
      isKept = !isApart;
      random.restoreState(state.drawnFrom.random);
      objective.restoreState?.(state.drawnFrom.objective);
      draw();
      objective.restoreState?.(state.objective);
      if (state.whole) whole?.restoreState(state.whole);
    },
    async dispose() {
      await step.dispose();
      dispose();
    },
  };
}
