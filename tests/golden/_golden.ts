// Reads the golden numbers beside this file and puts golden parameters into a model.
import { tf } from "../../lib/engine/mod.ts";

/** A tensor as PyTorch has it: `[N, C, H, W]` or `[out, in, kh, kw]`, row-major. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A whole training run. */
export interface GoldenRun {
  readonly learningRate: number;
  /** The loss before each update. */
  readonly losses: readonly number[];
  readonly firstMeans: readonly number[];
  readonly lastMeans: readonly number[];
  /** Band correspondence with the target, by iteration from 0. */
  readonly bands: Readonly<Record<string, readonly number[]>>;
  /** Blurriness over sharpness, by iteration from 0. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Parameters by PyTorch's names, `input_z` and `target`. */
  readonly tensors: ReadonlyMap<string, GoldenTensor>;
}

interface RunFile {
  learning_rate: number;
  losses: number[];
  first_output_mean_per_channel: number[];
  last_output_mean_per_channel: number[];
  frequency_band_correspondence_vs_target: Record<string, number[]>;
  blurriness_over_sharpness: Record<string, number>;
  tensors_float32_little_endian: { name: string; shape: number[]; offset: number }[];
}

const here = (file: string) => new URL(file, import.meta.url);

/** Reads a JSON file of golden numbers. */
export const readGolden = async (file: string): Promise<unknown> =>
  JSON.parse(await Deno.readTextFile(here(file)));

/** Reads a golden run, `NAME.json` and `NAME.f32`. */
export async function readGoldenRun(name: string): Promise<GoldenRun> {
  const file = await readGolden(`${name}.json`) as RunFile;
  const view = new DataView((await Deno.readFile(here(`${name}.f32`))).buffer);
  const tensors = new Map<string, GoldenTensor>();
  for (const { name, shape, offset } of file.tensors_float32_little_endian) {
    const length = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from(
      { length },
      (_, i) => view.getFloat32(4 * (offset + i), true),
    );
    tensors.set(name, { shape, values });
  }
  return {
    learningRate: file.learning_rate,
    losses: file.losses,
    firstMeans: file.first_output_mean_per_channel,
    lastMeans: file.last_output_mean_per_channel,
    bands: file.frequency_band_correspondence_vs_target,
    ratios: file.blurriness_over_sharpness,
    tensors,
  };
}

/** As tfjs has it: `[N, H, W, C]` or `[kh, kw, in, out]`; a vector as it is. */
export function fromTorch({ shape, values }: GoldenTensor, kind: "image" | "filter"): tf.Tensor {
  const tensor = tf.tensor(values, [...shape]);
  if (shape.length !== 4) return tensor;
  return tensor.transpose(kind === "image" ? [0, 2, 3, 1] : [2, 3, 1, 0]);
}

/** Where a golden parameter goes, as tfjs names it: `layer/weight`. */
export type Naming = (torchName: string) => string;

/** `0.conv1.0.1.module.weight_bar` is `scale0_1_conv/kernel`: module, convolution, then padding and convolution or norm. */
export const decoderNames: Naming = (name) => {
  const out = /^4\.1\.(weight|bias)$/.exec(name);
  if (out) return `out_conv/${out[1] === "weight" ? "kernel" : "bias"}`;
  const [, scale, which, part] =
    /^(\d)\.(?:conv\.)?conv([12])\.(0\.1\.(?:module\.)?(?:weight|bias)|1\.bias)/.exec(name)!;
  const block = `scale${scale}_${which}`;
  if (part === "1.bias") return `${block}_norm/beta`;
  return `${block}_conv/${part!.endsWith("bias") ? "bias" : "kernel"}`;
};

const DIP_BLOCKS: Readonly<Record<string, string>> = {
  "1.0.1.1": "skip_conv",
  "1.0.2": "skip_norm",
  "1.1.1.1": "down1_conv",
  "1.1.2": "down1_norm",
  "1.1.4.1": "down2_conv",
  "1.1.5": "down2_norm",
  "2": "join_norm",
  "3.1": "up1_conv",
  "4": "up1_norm",
  "6.1": "up2_conv",
  "7": "up2_norm",
};

/** Each `1.1.7.` leads one scale deeper: `1.1.7.3.1.weight` is `scale2_up1_conv/kernel`. */
export const dipNames: Naming = (name) => {
  const [, prefix, path, kind] = /^((?:1\.1\.7\.)*)([\d.]+)\.(weight|bias)$/.exec(name)!;
  const layer = path === "9.1"
    ? "out_conv"
    : `scale${prefix!.length / "1.1.7.".length + 1}_${DIP_BLOCKS[path!]}`;
  const weight = layer.endsWith("_norm") ? ["gamma", "beta"] : ["kernel", "bias"];
  return `${layer}/${weight[kind === "weight" ? 0 : 1]}`;
};

/** Puts the golden parameters into a model, every one of both. */
export function loadWeights(model: tf.LayersModel, run: GoldenRun, naming: Naming): void {
  const byName = new Map<string, GoldenTensor>();
  for (const [name, tensor] of run.tensors) {
    if (name !== "input_z" && name !== "target") byName.set(naming(name), tensor);
  }
  tf.tidy(() =>
    model.setWeights(model.weights.map(({ originalName }) => {
      const golden = byName.get(originalName);
      if (!golden) throw new Error(`no golden tensor for ${originalName}`);
      byName.delete(originalName);
      return fromTorch(golden, "filter");
    }))
  );
  if (byName.size > 0) throw new Error(`no weights for ${[...byName.keys()]}`);
}
