// Single layers against the method's public code in PyTorch, on tfjs's cpu backend and natively.
import assert from "node:assert/strict";
import { compile, type StepFunction, tf } from "../../lib/engine/mod.ts";
import {
  gaussianKernel,
  lipschitzControlled,
  MeanOnlyNorm,
  ReflectionConv2d,
  spectralNorm,
  type Upsampling,
  Upsampling2x,
} from "../../lib/network/mod.ts";
import { relativeError } from "../engine/_agreement.ts";
import { readGolden } from "./_golden.ts";

interface LayersFile {
  input_nchw_1x3x5x6: number[];
  mean_only_norm_beta: number[];
  mean_only_norm: number[];
  conv_weight_oihw_4x3x3x3: number[];
  spectral_norm_of_weight: number;
  "lipschitz_conv_reflect_lambda_1.4": {
    bias: number[];
    output: number[];
    grad_input_of_sum_of_squares: number[];
    grad_raw_weight: number[];
  };
  [name: string]: unknown;
}

const golden = await readGolden("layers.json") as LayersFile;
const numbers = (name: string) => golden[name] as number[];

const x = golden.input_nchw_1x3x5x6;
const TO_NCHW = [0, 3, 1, 2],
  TO_NHWC = [0, 2, 3, 1],
  TO_OIHW = [3, 2, 0, 1],
  TO_HWIO = [2, 3, 1, 0];

/** The golden input as `[1, 5, 6, 3]`, from an input of a step in PyTorch's order. */
const image = (inputs: Readonly<Record<string, tf.Tensor>>) =>
  inputs["x"]!.transpose<tf.Tensor4D>(TO_NHWC);

/** Runs a step on the golden input eagerly and natively and compares each output. */
async function agrees(
  step: StepFunction,
  expected: Readonly<Record<string, readonly number[]>>,
): Promise<void> {
  const shape = [1, 3, 5, 6];
  const eager = tf.tidy(() =>
    Object.fromEntries(
      Object.entries(step({ x: tf.tensor(x, shape) })).map((
        [name, tensor],
      ) => [name, tensor.dataSync()]),
    )
  );
  const compiled = await compile(step, { inputs: { x: shape }, threads: 1 });
  try {
    const { outputs: native } = await compiled.run({ x: Float32Array.from(x) });
    for (const [name, values] of Object.entries(expected)) {
      for (
        const [where, actual] of [["eagerly", eager[name]!], ["natively", native[name]!]] as const
      ) {
        const error = relativeError(actual, values);
        assert.ok(error < 1e-6, `${name}, ${where}: relative error ${error}`);
      }
    }
  } finally {
    compiled.dispose();
  }
}

const UPSAMPLINGS: [golden: string, upsampling: Upsampling][] = [
  ["bilinear_x2", { kind: "bilinear" }],
  ["nearest_x2", { kind: "nearest" }],
  ...[0.1, 0.5, 1].map((sigma): [string, Upsampling] => [
    `gaussian_x2_sigma_${sigma.toFixed(1)}`,
    { kind: "gaussian", sigma, kernelSum: "paper" },
  ]),
];

for (const [name, upsampling] of UPSAMPLINGS) {
  Deno.test(`${name} is PyTorch's`, async () => {
    const layer = new Upsampling2x({ upsampling });
    await agrees(
      (inputs) => ({ y: (layer.apply(image(inputs)) as tf.Tensor).transpose(TO_NCHW) }),
      { y: numbers(name) },
    );
  });
}

Deno.test("the Gaussian's kernel is the paper's", () => {
  for (const sigma of [0.1, 0.5, 1]) {
    const kernel = numbers(`gaussian_kernel_5x5_sigma_${sigma.toFixed(1)}`);
    assert.ok(relativeError(gaussianKernel(sigma, "paper"), kernel) < 1e-6);
  }
});

Deno.test("reflection padding is PyTorch's", async () => {
  await agrees((inputs) => {
    const padded = tf.mirrorPad(image(inputs), [[0, 0], [1, 1], [1, 1], [0, 0]], "reflect");
    return { y: padded.transpose(TO_NCHW) };
  }, { y: numbers("reflection_pad_1") });
});

Deno.test("the mean-only norm is the paper's", async () => {
  const layer = new MeanOnlyNorm();
  layer.apply(tf.input({ shape: [5, 6, 3] }));
  layer.setWeights([tf.tensor1d(golden.mean_only_norm_beta)]);
  await agrees(
    (inputs) => ({ y: (layer.apply(image(inputs)) as tf.Tensor).transpose(TO_NCHW) }),
    { y: golden.mean_only_norm },
  );
  layer.dispose();
});

const weight = () =>
  tf.tensor4d(golden.conv_weight_oihw_4x3x3x3, [4, 3, 3, 3]).transpose<tf.Tensor4D>(TO_HWIO);

Deno.test("the spectral norm and the controlled weight are the paper's", async () => {
  const expected = Object.fromEntries(
    ["0.5", "1.4", "100.0"].map((lambda) => [lambda, numbers(`lipschitz_weight_lambda_${lambda}`)]),
  );
  await agrees(() => ({
    norm: spectralNorm(weight()),
    ...Object.fromEntries(
      Object.keys(expected).map((lambda) => [
        lambda,
        lipschitzControlled(weight(), Number(lambda)).transpose(TO_OIHW),
      ]),
    ),
  }), { norm: [golden.spectral_norm_of_weight], ...expected });
});

Deno.test("a Lipschitz-controlled convolution and its gradients are the paper's", async () => {
  const expected = golden["lipschitz_conv_reflect_lambda_1.4"];
  const layer = new ReflectionConv2d({ filters: 4, kernelSize: 3, lipschitz: 1.4 });
  layer.apply(tf.input({ shape: [5, 6, 3] }));
  layer.setWeights([weight(), tf.tensor1d(expected.bias)]);
  const kernel = (layer.trainableWeights[0] as unknown as { val: tf.Variable }).val;
  await agrees((inputs) => {
    const x = image(inputs);
    const output = layer.apply(x) as tf.Tensor;
    const score = () => (layer.apply(x) as tf.Tensor).square().sum() as tf.Scalar;
    const { grads } = tf.variableGrads(score, [kernel]);
    const dx = tf.grad((x) => (layer.apply(x) as tf.Tensor).square().sum())(x);
    return {
      output: output.transpose(TO_NCHW),
      grad_input_of_sum_of_squares: dx.transpose(TO_NCHW),
      grad_raw_weight: grads[kernel.name]!.transpose(TO_OIHW),
    };
  }, {
    output: expected.output,
    grad_input_of_sum_of_squares: expected.grad_input_of_sum_of_squares,
    grad_raw_weight: expected.grad_raw_weight,
  });
  layer.dispose();
});
