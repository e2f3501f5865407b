// The convolutions of a step and their gradients, and the choice of the algorithm for each.
import type { Node, Value } from "./graph.ts";
import type { ConvolutionAttributes } from "./kernels.ts";

/**
 * How 3x3 convolutions are computed: by Winograd's transform where it is faster, or all directly, with less memory.
 */
export type ConvolutionPath = "winograd" | "direct";

/** The operands of a convolution, or of a gradient of one. */
export interface Convolution {
  /** The picture, or its gradient. */
  readonly input: Value;
  readonly filter: Value;
  readonly output: Value;
  readonly attributes: ConvolutionAttributes;
}

/** The attributes of a convolution without padding. */
export const UNPADDED: ConvolutionAttributes = {
  strides: [1, 1],
  dilations: [1, 1],
  pads: [0, 0, 0, 0],
};

/**
 * Finds the convolution of a node.
 *
 * @param node Any node.
 * @returns The convolution, if the node is one or a gradient of one.
 */
export function convolutionOf({ op, inputs, outputs, attrs }: Node): Convolution | undefined {
  const [first, second] = inputs as [Value, Value], [out] = outputs as [Value];
  const attributes = attrs as unknown as ConvolutionAttributes;
  switch (op) {
    case "Conv":
      return { input: first, filter: second, output: out, attributes };
    case "ConvInputGrad":
      return { input: out, filter: second, output: first, attributes };
    case "MirroredConvInputGrad":
      return { input: out, filter: second, output: first, attributes: UNPADDED };
    case "ConvFilterGrad":
      return { input: first, filter: out, output: second, attributes };
    default:
      return undefined;
  }
}

/** Whether a convolution has no strides, no dilations and no padding. */
export const isPlain = ({ strides, dilations, pads }: ConvolutionAttributes): boolean =>
  [...strides, ...dilations].every((n) => n === 1) && pads.every((n) => n === 0);

/**
 * The least number of channels for which Winograd's transform is faster, measured at 128x128 pixels: than the direct
 * convolution (`whole`), and than the faster blocked one (`inBlocks`; they are equal at 64 channels, and at 128 the
 * transform takes two thirds of the time).
 */
const LEAST_CHANNELS = { whole: 32, inBlocks: 96 };

/** The least number of pixels for which it is faster: below, the overhead of its many small steps dominates. */
const LEAST_PIXELS = 128 * 128;

/**
 * Whether a convolution is computed by Winograd's transform. It must be of one picture, with sides of whole tiles and
 * enough channels and pixels.
 *
 * @param convolution The convolution, or that of a gradient.
 * @param path Whether the transform may be used.
 * @param block Channels in a block of the runtime's blocked convolutions; 0 if it has none.
 * @returns Whether it is.
 */
export function isByWinograd(
  { filter, output, attributes }: Convolution,
  path: ConvolutionPath,
  block: number,
): boolean {
  const [rows, columns, ...channels] = filter.shape as [number, number, number, number];
  const [batch, height, width] = output.shape as [number, number, number, number];
  const canBeInBlocks = block > 0 && channels.every((n) => n % block === 0);
  const least = canBeInBlocks ? LEAST_CHANNELS.inBlocks : LEAST_CHANNELS.whole;
  return path === "winograd" && isPlain(attributes) && rows === 3 && columns === 3 &&
    batch === 1 && height % 4 === 0 && width % 4 === 0 &&
    channels.every((n) => n >= least) && height * width >= LEAST_PIXELS;
}
