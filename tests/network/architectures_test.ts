// Architectures: parameter counts, seeds, sizes, tfjs's own format.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import {
  type Architecture,
  convNet,
  decoder,
  deepDecoder,
  dip,
  gaussianUpsampling,
  type HasConvolutionKernel,
  type Lipschitz,
  lowPassUpsampling,
  nearestUpsampling,
  type Network,
  pip,
  siren,
  TrainingBatchNorm,
  transposedConvolution,
} from "../../lib/network/mod.ts";

const colour = { height: 64, width: 64, channels: 3 } as const;
const grey = { ...colour, channels: 1 } as const;

/** Counts computed from the published code (method.md, section 1). */
const COUNTS: [
  name: string,
  architecture: Architecture,
  size: typeof colour | typeof grey,
  n: number,
][] = [
  ["the paper's decoder, colour", decoder(), colour, 1_662_339],
  ["the paper's decoder, grey", decoder(), grey, 1_662_081],
  ["the paper's decoder, nearest", decoder({ upsampling: nearestUpsampling() }), colour, 1_662_339],
  [
    "the paper's decoder, gaussian",
    decoder({ upsampling: gaussianUpsampling() }),
    colour,
    1_662_339,
  ],
  [
    "the paper's decoder, deconv, colour",
    decoder({ upsampling: transposedConvolution() }),
    colour,
    2_234_499,
  ],
  [
    "the paper's decoder, deconv, grey",
    decoder({ upsampling: transposedConvolution() }),
    grey,
    2_234_241,
  ],
  [
    "the paper's decoder, low-pass",
    decoder({ upsampling: lowPassUpsampling() }),
    colour,
    1_662_339,
  ],
  ["the paper's decoder without upsampling, colour", convNet(), colour, 1_662_339],
  ["the paper's decoder without upsampling, grey", convNet(), grey, 1_662_081],
  ["dip, colour", dip(), colour, 2_217_831],
  ["dip, grey", dip(), grey, 2_217_573],
  ["dip, 128 skip channels", dip({ skipChannels: 128 }), colour, 3_002_627],
  ["deep decoder, 32", deepDecoder({ channels: 32 }), colour, 6_624],
  ["deep decoder, 64", deepDecoder({ channels: 64 }), colour, 25_536],
  ["deep decoder, 128", deepDecoder(), colour, 100_224],
  ["deep decoder, 256", deepDecoder({ channels: 256 }), colour, 397_056],
  // dip's without eight ninths of every 3x3 kernel: 32·128 + 4·128² down, 5·128² more, 5·132·128 up.
  ["pip, colour", pip(), colour, 2_217_831 - 8 * (32 * 128 + 9 * 128 ** 2 + 5 * 132 * 128)],
  ["siren, colour", siren(), colour, 3 * 256 + 3 * 257 * 256 + 257 * 3],
];

for (const [name, architecture, size, count] of COUNTS) {
  Deno.test(`${name} has ${count} parameters`, () => {
    const { model } = architecture.build(size, 1);
    assert.equal(model.countParams(), count);
    model.dispose();
  });
}

const small = { channels: [4, 6], scales: 2 };
const SMALL: Record<string, Architecture> = {
  decoder: decoder({
    ...small,
    inputChannels: 4,
    lipschitz: 1.4,
    upsampling: gaussianUpsampling({ sigma: [0.1, 0.5], kernelSum: "unit" }),
  }),
  "decoder with deconv": decoder({
    ...small,
    inputChannels: 4,
    upsampling: transposedConvolution(),
  }),
  "controlled decoder with deconv": decoder({
    ...small,
    inputChannels: 4,
    upsampling: transposedConvolution(),
    lipschitz: { lambda: 0.5, norm: "operator", layers: "all" },
  }),
  "decoder with low-pass and Lipschitz batch norm": decoder({
    ...small,
    inputChannels: 4,
    upsampling: lowPassUpsampling({ taps: 11, beta: 3 }),
    lipschitz: 0.5,
    norm: "lipschitz-batch",
  }),
  "conv-net": convNet({ ...small, inputChannels: 4, lipschitz: 1.4 }),
  dip: dip({ ...small, inputChannels: 4, skipChannels: 2 }),
  "deep decoder": deepDecoder({ ...small, upsampling: nearestUpsampling() }),
  pip: pip({ ...small, skipChannels: 2, frequencies: 3 }),
  siren: siren({ channels: 6, layers: 2 }),
};
const smallSize = { height: 16, width: 24, channels: 3 };

/** All a network starts from: its weights and its input. */
function start({ model, input }: Network): Float32Array[] {
  return [...model.getWeights().map((w) => Float32Array.from(w.dataSync())), input.values];
}

function predict(model: tf.LayersModel, { shape, values }: Network["input"]): Float32Array {
  return tf.tidy(() => {
    const output = model.predict(tf.tensor(values, [...shape])) as tf.Tensor;
    return Float32Array.from(output.dataSync());
  });
}

for (const [name, architecture] of Object.entries(SMALL)) {
  Deno.test(`${name} has the same initial weights for the same seed, and different ones for another`, () => {
    const [a, b, c] = [7, 7, 8].map((seed) => architecture.build(smallSize, seed));
    assert.deepEqual(start(a!), start(b!));
    assert.notDeepEqual(start(a!), start(c!));
    // Where a pixel is does not depend on a seed.
    const isPosition = ["pip", "siren"].includes(architecture.name);
    assert.equal(a!.input.values.every((value, i) => value === c!.input.values[i]), isPosition);
    const kernels = (network: Network) => start(network)[0];
    assert.notDeepEqual(kernels(a!), kernels(c!));
    for (const { model } of [a!, b!, c!]) model.dispose();
  });

  Deno.test(`${name} returns a picture of the size it was built for, in [0, 1]`, () => {
    const { model, input } = architecture.build(smallSize, 1);
    assert.deepEqual(model.outputs[0]!.shape.slice(1), [16, 24, 3]);
    const picture = predict(model, input);
    assert.equal(picture.length, 16 * 24 * 3);
    assert.ok(picture.every((value) => value >= 0 && value <= 1));
    model.dispose();
  });

  Deno.test(`${name} is the same after tfjs has saved and loaded it`, async () => {
    const { model, input } = architecture.build(smallSize, 1);
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(tf.io.withSaveHandler((artifacts) => {
      // Through text, as a file would be.
      const modelTopology = JSON.parse(JSON.stringify(artifacts.modelTopology));
      saved = { ...artifacts, modelTopology };
      return Promise.resolve({
        modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" },
      });
    }));
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved!));
    assert.deepEqual(predict(loaded, input), predict(model, input));
    model.dispose();
    loaded.dispose();
  });
}

Deno.test("model.summary() prints every layer and the count of parameters", () => {
  const { model } = SMALL["dip"]!.build(smallSize, 1);
  const lines: string[] = [];
  model.summary(undefined, undefined, (line: string) => lines.push(line));
  const text = lines.join("\n");
  for (const { name } of model.layers) assert.ok(text.includes(name), name);
  assert.match(text, new RegExp(`Total params: ${model.countParams()}`));
  model.dispose();
});

for (const name of ["dip", "conv-net"]) {
  Deno.test(`${name} also takes a picture of its size as input`, () => {
    const model = SMALL[name]!.buildFromImage!(smallSize, 1);
    assert.deepEqual(model.inputs[0]!.shape.slice(1), [16, 24, 3]);
    assert.deepEqual(model.outputs[0]!.shape.slice(1), [16, 24, 3]);
    model.dispose();
  });
}

Deno.test("conv-net returns pictures of any size from 2x2", () => {
  for (const [height, width] of [[2, 2], [3, 2], [7, 5]] as const) {
    const { model, input } = SMALL["conv-net"]!.build({ height, width, channels: 1 }, 1);
    assert.deepEqual(input.shape, [1, height, width, 4]);
    assert.equal(predict(model, input).length, height * width);
    model.dispose();
  }
  assert.throws(
    () => SMALL["conv-net"]!.build({ height: 1, width: 4, channels: 1 }, 1),
    RangeError,
  );
});

/** The bound of every convolution of a network with a bound of 1.5, by the layer's name. */
function bounds(network: (lipschitz: Lipschitz) => Architecture, layers: Lipschitz["layers"]) {
  const lipschitz: Lipschitz = layers ? { lambda: 1.5, layers } : { lambda: 1.5 };
  const { model } = network(lipschitz).build(smallSize, 1);
  const controlled = model.layers.flatMap((layer) => {
    const { convolution } = layer as unknown as Partial<HasConvolutionKernel>;
    return convolution ? [[layer.name, convolution.lipschitz] as const] : [];
  });
  model.dispose();
  return controlled;
}

const CONTROLLED: Record<string, (lipschitz: Lipschitz) => Architecture> = {
  decoder: (lipschitz) => decoder({ ...small, lipschitz, upsampling: transposedConvolution() }),
  dip: (lipschitz) => dip({ ...small, lipschitz, upsampling: transposedConvolution() }),
  "conv-net": (lipschitz) => convNet({ ...small, lipschitz }),
};

for (const [name, network] of Object.entries(CONTROLLED)) {
  Deno.test(`${name} bounds all but its last convolution and its deconv, as in the paper, unless all are to be controlled`, () => {
    for (const layers of [undefined, "paper"] as const) {
      for (const [layer, bound] of bounds(network, layers)) {
        assert.equal(bound, /^out_conv$|_up$/.test(layer) ? 0 : 1.5, layer);
      }
    }
    for (const [layer, bound] of bounds(network, "all")) assert.equal(bound, 1.5, layer);
  });
}

Deno.test("conv-net starts from the weights of the decoder that it is compared with", () => {
  const options = { channels: [4, 6, 8], scales: 3, inputChannels: 4 };
  const networks = [convNet(options), decoder(options)].map((network) => network.build(colour, 5));
  const [ours, theirs] = networks.map(({ model }) =>
    model.weights.map((w) => [w.originalName, w.shape, w.read().dataSync()])
  );
  assert.deepEqual(ours, theirs);
  for (const { model } of networks) model.dispose();
});

Deno.test("the slope of Lipschitz batch norm has the network's bound, 1 if there is none", () => {
  for (const [lipschitz, bound] of [[0, 1], [1.4, 1.4], [{ lambda: 0.5 }, 0.5]] as const) {
    for (const network of [decoder, dip, convNet]) {
      for (const norm of ["lipschitz-batch", "batch"] as const) {
        const { model } = network({ ...small, lipschitz, norm }).build(smallSize, 1);
        const norms = model.layers.filter((layer) => layer instanceof TrainingBatchNorm);
        assert.ok(norms.length >= 6);
        for (const layer of norms) {
          assert.equal(layer.getConfig()["lipschitz"], norm === "batch" ? 0 : bound);
        }
        model.dispose();
      }
    }
  }
});

Deno.test("settings keep the control as it was given", () => {
  for (const lipschitz of [0, 1.4, { lambda: 2 }, { lambda: 1, norm: "operator" } as const]) {
    for (const network of [decoder, dip, convNet]) {
      assert.deepEqual(network({ lipschitz }).settings["lipschitz"], lipschitz);
    }
  }
});

Deno.test("an invalid size is a RangeError", () => {
  for (const side of [60, 32, 0, 64.5, NaN]) {
    assert.throws(() => decoder().build({ ...colour, height: side }, 1), RangeError);
    assert.throws(() => dip().build({ ...colour, width: side }, 1), RangeError);
    assert.throws(() => deepDecoder().build({ ...colour, width: side }, 1), RangeError);
  }
});

Deno.test("invalid options are RangeErrors", () => {
  for (const channels of [0, -1, 1.5, NaN, [8, 8], []]) {
    assert.throws(() => decoder({ channels }), RangeError);
    assert.throws(() => dip({ channels }), RangeError);
    assert.throws(() => deepDecoder({ channels }), RangeError);
  }
  for (const lambda of [-1, NaN, Infinity]) {
    for (const network of [decoder, dip, convNet]) {
      assert.throws(() => network({ lipschitz: lambda }), RangeError);
      assert.throws(() => network({ lipschitz: { lambda } }), RangeError);
    }
  }
  assert.throws(() => convNet({ channels: [8, 8] }), RangeError);
  assert.throws(() => convNet({ inputChannels: 5 }), RangeError);
  assert.throws(() => decoder({ inputChannels: 5 }), RangeError);
  assert.throws(() => decoder({ scales: 2, upsampling: gaussianUpsampling() }), RangeError);
  assert.throws(
    () => decoder({ upsampling: gaussianUpsampling({ sigma: 0 }) }).build(colour, 1),
    RangeError,
  );
});
