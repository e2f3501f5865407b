// The interface of architectures: an untrained tfjs model, its variables, and its fixed input.
import type { tf } from "../engine/mod.ts";

/** A picture's size. */
export interface Size {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** An untrained network for one picture. */
export interface Network {
  /** The model, from `[1, h, w, c]` to `[1, height, width, channels]`, values in [0, 1]. */
  readonly model: tf.LayersModel;
  /** The fixed input z. */
  readonly input: { readonly shape: readonly number[]; readonly values: Float32Array };
}

/** A kind of network with its options. */
export interface Architecture {
  /** The name in records and on the command line. */
  readonly name: string;
  /** Its options, as plain data for the record. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Sides of pictures are multiples of this. */
  readonly multiple: number;
  /** The smallest possible side. */
  readonly minimum: number;
  /** Adam's step size in the publication. */
  readonly learningRate: number;
  /** Standard deviation of the noise added to the input at every iteration, in the publication. */
  readonly inputNoise: number;
  /**
   * Builds the network with fresh weights.
   *
   * @param size The picture to make; sides are multiples of `multiple`, at least `minimum`.
   * @param seed The same seed gives the same weights and input.
   */
  build(size: Size, seed: number): Network;
  /**
   * Builds the network with a picture as its input, `[1, height, width, channels]` to the same shape; absent if the
   * network's input is not of full size.
   *
   * @param size The size of the input and the output.
   * @param seed The same seed gives the same weights.
   */
  buildFromImage?(size: Size, seed: number): tf.LayersModel;
  /**
   * Builds the network with more input channels, to correct a picture: from `[1, height, width, inputs]` to a
   * correction `[1, height, width, channels]` of any sign, which is 0 everywhere with the initial weights. Absent if
   * the network's input is not of full size.
   *
   * @param size The correction's size.
   * @param inputs The channels of the input.
   * @param seed The same seed gives the same weights.
   */
  buildCorrector?(size: Size, inputs: number, seed: number): tf.LayersModel;
}

/**
 * Checks that an architecture can make pictures of a size.
 *
 * @param size The size.
 * @param architecture Its `multiple` and `minimum`.
 * @throws {RangeError} If a side is not a multiple, or too small.
 */
export function checkSize(
  { height, width }: Size,
  { name, multiple, minimum }: Pick<Architecture, "name" | "multiple" | "minimum">,
): void {
  for (const side of [height, width]) {
    if (!Number.isInteger(side / multiple) || side < minimum) {
      throw new RangeError(
        `\`size\` ${height}x${width} does not suit ${name}: sides must be multiples of ${multiple}, at least ${minimum}`,
      );
    }
  }
}

/**
 * One channel count for each scale.
 *
 * @param channels One count for all scales, or a list from fine to coarse.
 * @param scales The number of scales.
 * @returns The list, from fine to coarse.
 * @throws {RangeError} If a count is not a positive whole number, or the list has another length.
 */
export function channelsPerScale(channels: number | readonly number[], scales: number): number[] {
  const list = typeof channels === "number" ? Array<number>(scales).fill(channels) : [...channels];
  if (list.length !== scales || !list.every((n) => Number.isInteger(n) && n > 0)) {
    throw new RangeError(
      `\`channels\` must be one positive whole number or ${scales} of them, from fine to coarse, not ${channels}`,
    );
  }
  return list;
}

const variableOf = (weight: tf.LayersModel["weights"][number]): tf.Variable =>
  (weight as unknown as { val: tf.Variable }).val;

/**
 * The variables that hold a model's trainable weights, in the model's order.
 *
 * @param model Any tfjs layers model.
 * @returns The variables, which a training step reads, differentiates and assigns.
 */
export function variablesOf(model: tf.LayersModel): tf.Variable[] {
  return model.trainableWeights.map(variableOf);
}

/**
 * The names of a model's weights, as tfjs saves them; the same each time the model is built.
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
