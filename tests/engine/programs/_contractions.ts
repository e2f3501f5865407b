// Operators of random programs that sum products: matrix products, convolutions, resampling, normalisation.
import { tf } from "../../../lib/engine/mod.ts";
import { channelsOf, type Operator, type Scope, type Slot, type Written } from "./_program.ts";

// A number that is not finite would meet zeros here by the ways of an implementation.
const isTame = ({ tensor, values }: Slot): boolean =>
  tensor.dtype === "float32" && values.every((value) => Math.abs(value) < 1e4);

const isImage = (slot: Slot): boolean => slot.tensor.rank === 4 && isTame(slot);

type Shape4 = [number, number, number, number];

const t4 = (x: tf.Tensor | undefined) => x as tf.Tensor4D;
const t1 = (x: tf.Tensor | undefined) => x as tf.Tensor1D;

const ACTIVATIONS = ["linear", "relu", "sigmoid", "leakyrelu"] as const;

const LEAK = 0.3;

const products: Operator[] = [
  (scope) => {
    const a = scope.pick((slot) => slot.tensor.rank >= 2 && isTame(slot));
    if (!a) return undefined;
    const isTurned = [scope.below(2) === 1, scope.below(2) === 1] as const;
    const batch = a.tensor.shape.slice(0, -2), inner = a.tensor.shape.at(isTurned[0] ? -2 : -1)!;
    const fits = ({ tensor: { shape } }: Slot) =>
      `${shape.slice(0, -2)}` === `${batch}` && shape.length === batch.length + 2 &&
      shape.at(isTurned[1] ? -1 : -2) === inner;
    const columns = 1 + scope.below(3);
    const b = scope.pick((slot) => isTame(slot) && fits(slot)) ??
      scope.leaf([...batch, ...isTurned[1] ? [columns, inner] : [inner, columns]]);
    return {
      text: `matMul ${isTurned}`,
      from: [a, b],
      run: ([a, b]) => [tf.matMul(a!, b!, ...isTurned)],
    };
  },
  (scope) => {
    const a = scope.pick((slot) => slot.tensor.rank === 2 && isTame(slot));
    if (!a) return undefined;
    const columns = 1 + scope.below(4), activation = scope.of(ACTIVATIONS);
    const from = [a, scope.known([a.tensor.shape[1]!, columns]), scope.known([columns])];
    return {
      text: `fused matMul ${activation}`,
      from,
      run: ([a, b, bias]) => [
        tf.fused.matMul({ a: a!, b: b!, bias: bias!, activation, leakyreluAlpha: LEAK }),
      ],
    };
  },
];

/** A convolution of a picture that there is: how, and with what. */
function convolution(
  scope: Scope,
  dilation: number,
):
  | { x: Slot; filter: Slot; strides: [number, number]; pad: "same" | "valid"; text: string }
  | undefined {
  const x = scope.pick(isImage);
  if (!x) return undefined;
  const [, height, width, channels] = x.tensor.shape as Shape4;
  const sides = [1 + scope.below(4), 1 + scope.below(4)], outputs = channelsOf(scope);
  const strides = dilation > 1 ? [1, 1] : [1 + scope.below(3), 1 + scope.below(3)];
  const around = () => [scope.below(3), scope.below(3)];
  // tfjs's type of explicit padding is not exported.
  const pad = scope.of<unknown>(["same", "valid", [[0, 0], around(), around(), [0, 0]]]);
  const room = [height, width].map((size, i) =>
    size + (Array.isArray(pad) ? pad[1 + i][0] + pad[1 + i][1] : 0)
  );
  const fits = sides.every((side, i) => (side - 1) * dilation < room[i]!);
  if (pad !== "same" && !fits) return undefined;
  return {
    x,
    filter: scope.known([...sides, channels, outputs]),
    strides: strides as [number, number],
    pad: pad as "same",
    text: `${sides} to ${outputs} stride ${strides} pad ${pad} dilation ${dilation}`,
  };
}

const convolutions: Operator[] = [
  ...[1, 1, 2].map((dilation): Operator => (scope) => {
    const how = convolution(scope, dilation);
    return how && {
      text: `conv2d ${how.text}`,
      from: [how.x, how.filter],
      // tfjs has no gradient of a dilated convolution.
      hasNoGradient: dilation > 1,
      run: ([x, w]) => [tf.conv2d(t4(x), t4(w), how.strides, how.pad, "NHWC", dilation)],
    };
  }),
  (scope) => {
    const how = convolution(scope, 1), activation = scope.of(ACTIVATIONS);
    if (!how) return undefined;
    const { x, filter, strides, pad } = how;
    return {
      text: `fused conv2d ${how.text} ${activation}`,
      from: [x, filter, scope.known([filter.tensor.shape[3]!])],
      run: ([x, w, bias]) => [
        tf.fused.conv2d({
          x: t4(x),
          filter: t4(w),
          strides,
          pad,
          bias: bias!,
          activation,
          leakyreluAlpha: LEAK,
        }),
      ],
    };
  },
  (scope) => {
    const x = scope.pick((slot) =>
      isImage(slot) && slot.tensor.shape[1]! > 1 && slot.tensor.shape[2]! > 1
    );
    if (!x) return undefined;
    const by = scope.of([[1, 1], [1, 1], [1, 0], [0, 1]]) as [number, number];
    const filter = scope.known([3, 3, x.tensor.shape[3]!, channelsOf(scope)]);
    const needed = 3 - by[0] - by[1];
    if (x.tensor.shape[1]! < needed || x.tensor.shape[2]! < needed) return undefined;
    return {
      text: `conv2d 3x3 after reflection by ${by}`,
      from: [x, filter],
      run: ([x, w]) => {
        const padded = tf.mirrorPad(x!, [[0, 0], by, by, [0, 0]], "reflect");
        return [tf.conv2d(t4(padded), t4(w), 1, "valid")];
      },
    };
  },
  (scope) => {
    const x = scope.pick(isImage);
    if (!x) return undefined;
    const [batch, height, width, channels] = x.tensor.shape as Shape4;
    const side = 2 + scope.below(3), stride = 1 + scope.below(2), outputs = channelsOf(scope);
    const shape: Shape4 = [batch, height * stride, width * stride, outputs];
    return {
      text: `conv2dTranspose ${side} to ${outputs} stride ${stride}`,
      from: [x, scope.known([side, side, outputs, channels])],
      run: ([x, w]) => [tf.conv2dTranspose(t4(x), t4(w), shape, stride, "same")],
    };
  },
];

const onImages =
  (write: (scope: Scope, shape: Shape4) => Omit<Written, "from">): Operator => (scope) => {
    const x = scope.pick(isImage);
    return x && { ...write(scope, x.tensor.shape as Shape4), from: [x] };
  };

const resamplings: Operator[] = [
  onImages((scope, [, height, width]) => {
    const isDoubled = scope.below(2) === 0, any = [1 + scope.below(9), 1 + scope.below(9)];
    const size = (isDoubled ? [2 * height, 2 * width] : any) as [number, number];
    const [corners, half] = scope.of([[false, true], [true, false], [false, false]] as const);
    return {
      text: `resizeBilinear to ${size}, corners ${corners}, half pixels ${half}`,
      run: ([x]) => [tf.image.resizeBilinear(t4(x), size, corners, half)],
    };
  }),
  onImages((scope, [, height, width]) => {
    const size: [number, number] = [height * (1 + scope.below(3)), width * (1 + scope.below(3))];
    const half = scope.below(2) === 1;
    return {
      text: `resizeNearestNeighbor to ${size}, half pixels ${half}`,
      run: ([x]) => [tf.image.resizeNearestNeighbor(t4(x), size, false, half)],
    };
  }),
];

const normalisations: Operator[] = [
  (scope) => {
    const x = scope.pick(isImage);
    if (!x) return undefined;
    const channels = [x.tensor.shape[3]!];
    const rest = Array.from({ length: 4 }, () => scope.known(channels));
    return {
      text: "batchNorm",
      from: [x, ...rest],
      run: ([x, mean, root, offset, scale]) => {
        const variance = root!.square().add(0.1);
        return [tf.batchNorm(t4(x), t1(mean), t1(variance), t1(offset), t1(scale), 1e-3)];
      },
    };
  },
  // What a network does from channel to channel, several operators that are computed as one.
  (scope) => {
    const x = scope.pick(isImage);
    if (!x) return undefined;
    const channels = [x.tensor.shape[3]!],
      like = ({ tensor: { shape } }: Slot) => `${shape}` === `${x.tensor.shape}`;
    const other = scope.below(2) === 1
      ? scope.pick((slot) => isImage(slot) && like(slot))
      : undefined;
    const isSubtracted = scope.below(2) === 1, activation = scope.of([undefined, 0, 0.2]);
    return {
      text: `scale, ${isSubtracted ? "less a shift" : "shift"}${
        other ? ", add" : ""
      }, ${activation}`,
      from: [x, scope.known(channels), scope.known(channels), ...other ? [other] : []],
      run: ([x, scale, shift, other]) => {
        const scaled = x!.mul(scale!);
        const shifted = isSubtracted ? scaled.sub(shift!) : scaled.add(shift!);
        const sum = other ? shifted.add(other) : shifted;
        return [activation === undefined ? sum : tf.leakyRelu(sum, activation)];
      },
    };
  },
  onImages((scope) => {
    const axes = scope.of([[1, 2], [0, 1, 2], [3]]);
    return {
      text: `normalise over ${axes}`,
      run: ([x]) => {
        const { mean, variance } = tf.moments(x!, axes, true);
        return [x!.sub(mean).div(variance.add(0.1).sqrt())];
      },
    };
  }),
];

/** All of them. */
export const contractions: Operator[] = [
  ...products,
  ...convolutions,
  ...resamplings,
  ...normalisations,
];
