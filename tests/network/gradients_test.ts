// One step's output and gradients, natively against tfjs's cpu backend.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import {
  type Architecture,
  bilinearUpsampling,
  convNet,
  decoder,
  deepDecoder,
  dip,
  gaussianUpsampling,
  lowPassUpsampling,
  nearestUpsampling,
  type Network,
  pip,
  ReflectionConv2d,
  siren,
  type Size,
  TrainingBatchNorm,
  transposedConvolution,
  Upsampling2x,
  type UpsamplingPlan,
} from "../../lib/network/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { distances, eagerGradients, nativeGradients, unsettleBatchNorms } from "./_gradients.ts";

async function agrees(network: Network): Promise<void> {
  unsettleBatchNorms(network);
  try {
    const { output, gradient } = distances(await nativeGradients(network), eagerGradients(network));
    assert.ok(output < 1e-5, `output: ${output}`);
    assert.ok(gradient < 1e-4, `gradients: ${gradient}`);
  } finally {
    network.model.dispose();
  }
}

const UPSAMPLINGS: Record<string, UpsamplingPlan> = {
  nearest: nearestUpsampling(),
  bilinear: bilinearUpsampling(),
  "gaussian of the paper": gaussianUpsampling({ sigma: [0.1, 0.5] }),
  "gaussian of gain 1": gaussianUpsampling({ sigma: [0.1, 0.5], kernelSum: "unit" }),
  "low-pass": [lowPassUpsampling(), lowPassUpsampling({ taps: 7, beta: 2 })],
  deconv: transposedConvolution(),
};

const small = { channels: 6, scales: 2 };
const CASES: [name: string, architecture: Architecture, size: Size][] = [
  ...Object.entries(UPSAMPLINGS).flatMap((
    [name, upsampling],
  ): [string, Architecture, Size][] => [
    [
      `decoder, ${name}`,
      decoder({ ...small, inputChannels: 4, upsampling }),
      { height: 16, width: 24, channels: 3 },
    ],
    [
      `dip, ${name}`,
      dip({ ...small, inputChannels: 4, skipChannels: 2, upsampling }),
      { height: 16, width: 24, channels: 3 },
    ],
    [
      `deep decoder, ${name}`,
      deepDecoder({ ...small, upsampling }),
      { height: 16, width: 24, channels: 3 },
    ],
  ]),
  ["pip", pip({ ...small, skipChannels: 2, frequencies: 3 }), {
    height: 16,
    width: 24,
    channels: 3,
  }],
  ["siren", siren({ channels: 6, layers: 2 }), { height: 10, width: 12, channels: 3 }],
  [
    "decoder, Lipschitz-controlled",
    decoder({ ...small, inputChannels: 4, lipschitz: 1 }),
    { height: 16, width: 16, channels: 1 },
  ],
  [
    "dip, Lipschitz-controlled, without skips",
    dip({ ...small, inputChannels: 4, skipChannels: 0, lipschitz: 0.5 }),
    { height: 16, width: 16, channels: 1 },
  ],
  [
    "decoder, all controlled, deconv among them",
    decoder({
      ...small,
      inputChannels: 4,
      upsampling: transposedConvolution(),
      lipschitz: { lambda: 0.5, layers: "all" },
    }),
    { height: 16, width: 16, channels: 1 },
  ],
  [
    "dip, all controlled by the operator norm, deconv among them",
    dip({
      ...small,
      inputChannels: 4,
      skipChannels: 2,
      upsampling: transposedConvolution(),
      lipschitz: { lambda: 0.5, norm: "operator", layers: "all" },
    }),
    { height: 16, width: 16, channels: 1 },
  ],
  [
    "decoder, Lipschitz batch norm",
    decoder({ ...small, inputChannels: 4, norm: "lipschitz-batch" }),
    { height: 16, width: 24, channels: 3 },
  ],
  [
    "conv-net, Lipschitz-controlled",
    convNet({ ...small, inputChannels: 4, lipschitz: 1 }),
    { height: 13, width: 18, channels: 3 },
  ],
  [
    "conv-net of 2x2 pixels",
    convNet({ ...small, inputChannels: 4, norm: "none" }),
    { height: 2, width: 2, channels: 3 },
  ],
  [
    "decoder, low-pass from a side of 2 at the deepest of five scales",
    decoder({
      channels: [2, 3, 4, 4, 4],
      inputChannels: 4,
      upsampling: lowPassUpsampling({ taps: 21 }),
    }),
    { height: 64, width: 64, channels: 1 },
  ],
  [
    "decoder, a side of 2 at the deepest of five scales",
    decoder({ channels: [2, 3, 4, 4, 4], inputChannels: 4 }),
    { height: 64, width: 64, channels: 1 },
  ],
  [
    "dip, a side of 2 at the deepest of five scales",
    dip({ channels: [2, 3, 4, 4, 4], inputChannels: 2, skipChannels: 2 }),
    { height: 64, width: 64, channels: 1 },
  ],
  [
    "deep decoder, a side of 2 at the deepest of five scales",
    deepDecoder({ channels: [4, 4, 8, 8, 8] }),
    { height: 64, width: 64, channels: 3 },
  ],
];

for (const [name, architecture, size] of CASES) {
  Deno.test(`gradients agree with tfjs's cpu backend: ${name}`, async () => {
    await agrees(architecture.build(size, 1));
  });
}

/** A scale of DIP for any size: down by a strided convolution, up, cropped to the skip and joined with it. */
function oddNetwork(height: number, width: number): Network {
  const shape = [height, width, 3];
  const z = tf.input({ shape });
  const conv = (x: tf.SymbolicTensor, kernelSize: number, seed: number, stride = 1) =>
    new ReflectionConv2d({ filters: 4, kernelSize, stride, seed, meanRemoved: true }).apply(
      x,
    ) as tf.SymbolicTensor;
  const act = (x: tf.SymbolicTensor) =>
    tf.layers.leakyReLU({ alpha: 0.2 }).apply(
      new TrainingBatchNorm().apply(x),
    ) as tf.SymbolicTensor;
  const skip = act(conv(z, 1, 1));
  const deeper = act(conv(act(conv(z, 3, 2, 2)), 5, 3));
  const up = new Upsampling2x({ upsampling: bilinearUpsampling() }).apply(
    deeper,
  ) as tf.SymbolicTensor;
  const [rows, columns] = [up.shape[1]! - height, up.shape[2]! - width];
  const same = tf.layers.cropping2D({ cropping: [[0, rows], [0, columns]] }).apply(up);
  const joined = tf.layers.concatenate({ axis: 3 }).apply([skip, same as tf.SymbolicTensor]);
  const picture = tf.layers.activation({ activation: "sigmoid" }).apply(
    conv(act(joined as tf.SymbolicTensor), 3, 4),
  ) as tf.SymbolicTensor;
  const values = new Float32Array(height * width * 3);
  random(1).fillUniform(values, 0, 1);
  return {
    model: tf.model({ inputs: z, outputs: picture }),
    input: { shape: [1, ...shape], values },
  };
}

for (const [height, width] of [[9, 7], [11, 8], [5, 5]] as const) {
  Deno.test(`gradients agree with tfjs's cpu backend: layers at ${height}x${width}`, async () => {
    await agrees(oddNetwork(height, width));
  });
}

/** Where an activation is near its kink, rounding decides the slope: only a linear network shows Winograd's own error. */
const WINOGRAD: [name: string, architecture: Architecture, gradient: number][] = [
  ["a linear decoder", decoder({ channels: 36, scales: 1, lipschitz: 1.4, slope: 1 }), 1e-5],
  ["dip", dip({ channels: 32, scales: 1 }), 1e-3],
  // In whole blocks of channels it pays from more of them on.
  ["a wide linear decoder", decoder({ channels: 96, scales: 1, slope: 1 }), 1e-5],
];

for (const [name, architecture, bound] of WINOGRAD) {
  Deno.test(`Winograd's convolutions agree with direct ones: ${name}`, async () => {
    const network = architecture.build({ height: 128, width: 128, channels: 3 }, 1);
    unsettleBatchNorms(network);
    const winograd = await nativeGradients(network, "winograd");
    const { output, gradient } = distances(winograd, await nativeGradients(network, "direct"));
    assert.notEqual(output, 0, "Winograd was not used");
    assert.ok(output < 1e-5, `output: ${output}`);
    assert.ok(gradient < bound, `gradients: ${gradient}`);
    network.model.dispose();
  });
}
