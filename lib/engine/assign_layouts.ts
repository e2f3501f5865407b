// Chooses the layout of each value of a step: values of one element-wise operation share a layout.
import { convolutionOf, type ConvolutionPath, isByWinograd } from "./convolutions.ts";
import { type Node, sameShape, type Value } from "./graph.ts";
import { blockedFilter, blockedImage, FILTER, IMAGE, type Layout, plain } from "./layout.ts";

const SAME_LAYOUT = new Set(["Slice", "Concat", "Pad", "PadGrad", "Tile", "ChannelAffine"]);
const IMAGE_TO_IMAGE = new Set([
  "ResizeBilinear",
  "ResizeBilinearGrad",
  "ResizeNearest",
  "ResizeNearestGrad",
]);
const NOT_ELEMENTWISE = new Set([
  ...SAME_LAYOUT,
  ...IMAGE_TO_IMAGE,
  "Conv",
  "ConvInputGrad",
  "ConvFilterGrad",
  "MirroredConvInputGrad",
  "Flatten",
  "Unflatten",
  "MatMul",
  "Reshape",
  "Transpose",
  "ReduceSum",
  "ReduceMean",
  "ReduceMax",
  "ReduceMin",
]);

/** Whether an operator of the intermediate form is element-wise. */
const isElementwise = (op: string): boolean => !NOT_ELEMENTWISE.has(op);

/** Groups of values that share a layout. */
class Groups {
  readonly #parents = new Map<Value, Value>();
  readonly #members = new Map<Value, Value[]>();

  /** The representative of a value's group. */
  of(value: Value): Value {
    let at = value;
    for (let up = this.#parents.get(at); up; up = this.#parents.get(at)) at = up;
    return at;
  }

  members(value: Value): readonly Value[] {
    return this.#members.get(this.of(value)) ?? [value];
  }

  join(a: Value, b: Value): void {
    if (a.shape.length !== 4 || b.shape.length !== 4) return;
    const x = this.of(a), y = this.of(b);
    if (x === y) return;
    this.#members.set(x, [...this.members(x), ...this.members(y)]);
    this.#members.delete(y);
    this.#parents.set(y, x);
  }
}

/** Joins the values of element-wise operations, and those that are flattened in the same way. */
function grouped(
  nodes: readonly Node[],
  pairs: readonly (readonly [Value, Value])[],
): Groups {
  const groups = new Groups();
  const packed = new Map<string, readonly Value[]>();
  const joinPacked = (values: readonly Value[]) => {
    const key = values.map((v) => v.shape.join("x")).join();
    packed.get(key)?.forEach((value, i) => groups.join(value, values[i]!));
    packed.set(key, packed.get(key) ?? values);
  };
  for (const { op, inputs, outputs } of nodes) {
    if (op === "Flatten") joinPacked(inputs);
    else if (op === "Unflatten") joinPacked(outputs);
    else {
      const [out] = outputs;
      for (const input of inputs) {
        const known = input.source.kind === "constant" || input.source.kind === "splat";
        if (known) continue;
        if (SAME_LAYOUT.has(op) || (isElementwise(op) && sameShape(input.shape, out!.shape))) {
          groups.join(out!, input);
        }
      }
    }
  }
  for (const [before, after] of pairs) groups.join(before, after);
  return groups;
}

/**
 * Chooses the layout of every value. Values of one element-wise operation share a layout, so that no transposition is
 * needed between a convolution, its norm, its activation and their gradients, or between a filter, its gradient and
 * its update. Pictures, and the filters between them, are stored in blocks of channels if all values with the same
 * layout have whole blocks and none is convolved by Winograd's transform.
 *
 * @param nodes The nodes of a step.
 * @param pairs Further pairs that must share a layout: each variable before and after the step.
 * @param path How 3x3 convolutions are computed.
 * @param block Channels in a block of the runtime's blocked convolutions; 0 if it has none.
 * @returns The layout of a value.
 */
export function assignLayouts(
  nodes: readonly Node[],
  pairs: readonly (readonly [Value, Value])[],
  path: ConvolutionPath,
  block: number,
): (value: Value) => Layout {
  const groups = grouped(nodes, pairs);
  const convolutions = nodes.flatMap((node) => convolutionOf(node) ?? []);
  const wanted = new Map<Value, Layout>();
  const want = (value: Value, layout: Layout) => {
    const group = groups.of(value);
    if (!wanted.has(group)) wanted.set(group, layout);
  };
  const transformed = new Set(
    convolutions.filter((convolution) => isByWinograd(convolution, path, block))
      .flatMap(({ input, output }) => [groups.of(input), groups.of(output)]),
  );
  const inBlocks = (value: Value) =>
    block > 0 && !transformed.has(groups.of(value)) &&
    groups.members(value).every(({ shape }) => shape[3]! % block === 0);
  const image = (value: Value) => want(value, inBlocks(value) ? blockedImage(block) : IMAGE);

  for (const { input, filter, output } of convolutions) {
    image(input), image(output);
    // A convolution can read a picture of few channels without blocks. A picture with more channels but incomplete
    // blocks is not blocked.
    const isInputCut = inBlocks(input), isInputSmall = filter.shape[2]! < block;
    // Slices of a filter have the filter's layout.
    const isWhole = groups.members(filter).every(({ shape: [, , inputs, outputs] }) =>
      outputs! % block === 0 && (!isInputCut || inputs! % block === 0)
    );
    const isBlocked = inBlocks(output) && (isInputCut || isInputSmall) && isWhole;
    want(filter, isBlocked ? blockedFilter(block, isInputCut) : FILTER);
  }
  for (const { op, inputs, outputs } of nodes) {
    if (IMAGE_TO_IMAGE.has(op)) image(inputs[0]!), image(outputs[0]!);
  }
  return (value) => wanted.get(groups.of(value)) ?? plain(value.shape.length);
}
