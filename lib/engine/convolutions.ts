// The convolutions of a step and their gradients: what each is about, and by which way it is computed.
import type { Node, Value } from "./graph.ts";
import type { ConvolutionAttributes } from "./kernels.ts";

/** How 3x3 convolutions are computed: by Winograd's transform where it pays, or all directly, in less memory. */
export type ConvolutionPath = "winograd" | "direct";

/** What a convolution, or the gradient of one, is about. */
export interface Convolution {
  /** The picture that is convolved, or its gradient. */
  readonly input: Value;
  readonly filter: Value;
  readonly output: Value;
  readonly attributes: ConvolutionAttributes;
}

/** The attributes of a convolution that is not padded. */
export const UNPADDED: ConvolutionAttributes = {
  strides: [1, 1],
  dilations: [1, 1],
  pads: [0, 0, 0, 0],
};

/**
 * What a node convolves.
 *
 * @param node Any node.
 * @returns The convolution, if it is one or the gradient of one.
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

/** Whether a convolution has neither strides nor dilations nor padding of its own. */
export const isPlain = ({ strides, dilations, pads }: ConvolutionAttributes): boolean =>
  [...strides, ...dilations].every((n) => n === 1) && pads.every((n) => n === 0);

/**
 * Channels from which Winograd's transform pays, measured at 128x128 pixels: beside the direct
 * convolution, and beside the one in blocks, which is faster (at 64 channels they are even, at 128 the
 * transform takes two thirds of the time).
 */
const LEAST_CHANNELS = { whole: 32, inBlocks: 96 };

/** Pixels from which it pays: below, its many small steps cost more than they save. */
const LEAST_PIXELS = 128 * 128;

/**
 * Whether a convolution is computed by Winograd's transform: of one picture, its sides in whole tiles, with
 * enough channels and pixels.
 *
 * @param convolution The convolution, or the one that a gradient is of.
 * @param path Whether the transform is to be used at all.
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
